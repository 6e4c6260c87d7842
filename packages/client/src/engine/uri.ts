const MAX_LENGTH = 8000;

/** Scheme; credentials, host and port; path, query and fragment. */
const URI =
  /^(?:(https?|wss?):\/\/)?((?:([^@/?#]*)@)?(?:\[([^\]]*)\]|([^:/?#]*))(?::(\d*))?)(([^?#]*)(?:\?([^#]*))?(?:#(.*))?)/s;

/** The last segment of a path, if it looks like a file's name. */
const FILE = /[^/]*\.[^/.]+$/;

/** The parts of a URI; those that it has not are empty. */
export interface ParsedUri {
  /** The URI itself. */
  source: string;
  /** `http`, `https`, `ws` or `wss`. */
  protocol: string;
  /** Credentials, host and port; an IPv6 address without its brackets. */
  authority: string;
  /** User and password. */
  userInfo: string;
  user: string;
  password: string;
  /** The host; an IPv6 address without its brackets. */
  host: string;
  port: string;
  /** Path, query and fragment. */
  relative: string;
  path: string;
  /** The path without the file. */
  directory: string;
  /** The last segment of the path, if there is a dot in it. */
  file: string;
  query: string;
  /** The fragment. */
  anchor: string;
  /** True if the host is an IPv6 address in brackets. */
  ipv6uri?: true;
  /** The segments of the path. */
  pathNames: string[];
  /** The parameters of the query, as they are written. */
  queryKey: Record<string, string>;
}

/**
 * Takes a URI apart.
 *
 * @throws Error if `uri` is longer than 8000 characters
 */
export function parse(uri: string): ParsedUri {
  if (uri.length > MAX_LENGTH) {
    throw new Error("URI too long");
  }
  const parts = [...(URI.exec(uri) ?? [])].map((part: string | undefined) => part ?? "");
  const [, protocol = "", authority = "", userInfo = "", ipv6 = "", name = "", port = ""] = parts;
  const [relative = "", path = "", query = "", anchor = ""] = parts.slice(7);
  const [user = "", ...password] = userInfo.split(":");
  const [file = ""] = FILE.exec(path) ?? [];
  return {
    source: uri,
    protocol,
    authority: authority.replace(/[[\]]/g, ""),
    userInfo,
    user,
    password: password.join(":"),
    host: ipv6 || name,
    port,
    relative,
    path,
    directory: path.slice(0, path.length - file.length),
    file,
    query,
    anchor,
    ...(ipv6 ? { ipv6uri: true } : {}),
    pathNames: path.split("/").filter(Boolean),
    queryKey: parametersOf(query),
  };
}

function parametersOf(query: string): Record<string, string> {
  const pairs = query.split("&").map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return [name, value.join("=")] as const;
  });
  return Object.fromEntries(pairs.filter(([name]) => name));
}
