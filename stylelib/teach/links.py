"""Links that open a notebook of a published repository where nothing has to be installed."""
import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from ..engine.language import tr
from .course import KitError

BINDER, COLAB = "https://mybinder.org/v2", "https://colab.research.google.com/github"
EXAMPLE = "https://github.com/OWNER/NAME"
# What an address bar shows inside a branch: GitHub's and Codeberg's way, and GitLab's
INSIDE = re.compile(r"/(?:-/)?(?:tree|src/branch)/(?P<branch>[^/]+)(?:/(?P<folder>.+))?$")


@dataclass(frozen=True)
class Repository:
    """A public repository on a git host.

    Attributes:
        host: such as "github.com", with its port if it has one.
        path: of the repository there, such as "school/art".
        branch: that is published.
        folder: of the course in the repository; "" for its top.
        scheme: "https", or "http" on a school's own host.
    """

    host: str
    path: str
    branch: str = "main"
    folder: str = ""
    scheme: str = "https"

    @property
    def address(self) -> str:
        """What git clones, and a browser opens."""
        return f"{self.scheme}://{self.host}/{self.path}"

    @property
    def name(self) -> str:
        """What the folder is called that git makes."""
        return self.path.rpartition("/")[2]

    def inside(self, file: str) -> str:
        """The place of a course's file in the repository.

        Args:
            file: such as "notebooks/00_start_here.ipynb".
        """
        return f"{self.folder}/{file}" if self.folder else file


def parse_repository(url: str, branch: str | None = None, folder: str | None = None) -> Repository:
    """Read the address of a repository, as a browser's address bar or `git clone` has it.

    Args:
        url: https://github.com/OWNER/NAME, also with .git, /tree/BRANCH/FOLDER, or git@github.com:OWNER/NAME.
        branch: None takes the URL's, or else main.
        folder: of the course in the repository; None takes the URL's, or else its top.

    Raises:
        KitError: it is none that learners can reach.
    """
    url = url.strip()
    ssh = re.fullmatch(r"(?:ssh://)?git@([\w.-]+)[:/](.+)", url)
    parts = urlsplit(f"https://{ssh[1]}/{ssh[2]}" if ssh else url if "://" in url else f"https://{url}")
    if parts.username or parts.password:
        raise KitError(tr("the address holds a name or a password, which would hang on the wall with it: "
                          "leave out what stands before the @, and publish without a password, such as "
                          "{example}", example=EXAMPLE))
    path = parts.path.rstrip("/")
    found = INSIDE.search(path)
    path = (path[:found.start()] if found else path).strip("/").removesuffix(".git")
    if (parts.scheme not in ("https", "http") or not re.fullmatch(r"[\w.-]+(:\d+)?", parts.netloc)
            or not re.fullmatch(r"[\w.~-]+(/[\w.~-]+)+", path) or parts.query or re.search(r"\s", url)):
        raise KitError(tr("{address!r} is not the address of a repository: give one such as {example}",
                          address=url, example=EXAMPLE))
    branch = branch or (found["branch"] if found else "main")
    folder = folder if folder is not None else (found["folder"] or "" if found else "")
    return Repository(parts.netloc, path, _branch(branch), _folder(folder), parts.scheme)


def _branch(name):
    if not re.fullmatch(r"[\w.+-]+(/[\w.+-]+)*", name) or name.startswith("-") or ".." in name:
        raise KitError(tr("{name!r} is no name of a branch", name=name))
    return name


def _folder(name):
    name = name.strip("/")
    if not re.fullmatch(r"([\w.+-]+(/[\w.+-]+)*)?", name) or {".", ".."} & set(name.split("/")):
        raise KitError(tr("{name!r} is no folder in a repository: give one such as courses/style, "
                          "without spaces", name=name))
    return name


def parse_hub(address: str) -> str:
    """The address of a JupyterHub, without what a browser adds behind it.

    Raises:
        KitError: it is none.
    """
    parts = urlsplit(address.strip())
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.username:
        raise KitError(tr("{address!r} is not the address of a JupyterHub: give one such as "
                          "https://hub.example.org", address=address))
    path = re.sub(r"/hub(/.*)?$", "", parts.path).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def links_to(repository: Repository, file: str, hub: str = "") -> dict[str, str]:
    """{service: the link that opens a notebook there}, of those services that can open it.

    Args:
        repository: where the course is published.
        file: of the notebook in the course, such as "notebooks/00_start_here.ipynb".
        hub: address of a JupyterHub with nbgitpuller; "" if there is none.

    Source: BinderHub's providers (gh, gl, git), nbgitpuller's "Options in an nbgitpuller URL". Colab reads
        from GitHub only.
    """
    place = repository.inside(file)
    links = {"Binder": f"{BINDER}/{_binder(repository)}/{quote(repository.branch)}?"
                       + urlencode({"labpath": place})}
    if hub:
        # without `autodecode` JupyterLab may ask for a workspace
        links["JupyterHub"] = f"{hub}/hub/user-redirect/git-pull?" + urlencode({
            "repo": repository.address, "branch": repository.branch,
            "urlpath": f"lab/tree/{repository.name}/{place}?autodecode"})
    if repository.host == "github.com":
        links["Colab"] = f"{COLAB}/{repository.path}/blob/{quote(repository.branch)}/{quote(place)}"
    return links


def _binder(repository):
    if repository.host == "github.com":
        return f"gh/{repository.path}"
    if repository.host == "gitlab.com":
        return f"gl/{quote(repository.path, safe='')}"
    return f"git/{quote(repository.address, safe='')}"
