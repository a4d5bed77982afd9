"""The engine room: how pictures and weights come in, and how a transfer fits into a laptop and gets quick.

The six files on top tell the whole story; nothing in here is needed to follow it.

    pictures    reading   a file, decoded, or one line that says why it cannot be
                rgb       upright, 8 bits, sRGB, without transparency
                inputs    tensors and arrays: shapes and ranges
                writing   a file that appears whole or not at all
                recipe    how a picture was made, as a line and as a text
                tags      that text in a picture's file, and back
                credits   whose a photo or painting is
    numbers     checks    settings: whole numbers, names
    networks    weights   trained weights: where they are, and whether they are intact
                torchvision_networks    SqueezeNet and ResNet as sequences of named layers
                layer_names             lists of layers, and hints for unknown names
                devices   CPU or GPU, float32 or bfloat16, and a network there
    memory      machine   what this machine, or its container, lets us use
                peak      what a computation takes, counted without doing it
                memory    whether a transfer fits, and which loss to take
                strips    a loss that reads a large picture strip by strip
                signs     what the strips remember for the way back
    speed       fast      the losses again, quicker
                loss_terms  what a loss of one's own must return
    machines    workers   independent tasks, in this process or on many
    words       language  messages in the language that is chosen
                letters   a font that can write Chinese
                lines     how wide a text is, and where its lines may end
    course      places    where its folder, and its data, may lie
    terminal    terminal  signals, streams, errors in words
                progress  a bar from 0 to 1
"""
