// Files go in and out beside GraphQL, as bytes.

/** Sends a file, and gives the id by which a mutation names it. */
export async function upload(url: URL, headers: Record<string, string>, file: File): Promise<string> {
  const answer = await fetch(new URL(`/uploads?fileName=${encodeURIComponent(file.name)}`, url), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: file,
  });
  if (!answer.ok) throw new Error(`${file.name} was refused: ${answer.status}`);
  const { id } = (await answer.json()) as { id: string };
  return id;
}

/** Fetches a file by its signed link: without a token, as a browser follows `<a href>`. */
export async function download(url: URL, link: string): Promise<Uint8Array> {
  const answer = await fetch(new URL(link, url));
  if (answer.status === 401) throw new Error('the link is too old: ask for the field again');
  if (!answer.ok) throw new Error(`no file: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}
