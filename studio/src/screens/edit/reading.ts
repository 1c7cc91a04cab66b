/** A file or an address as a picture that can be drawn. */
export async function readPicture(file: Blob): Promise<HTMLImageElement> {
  const address = URL.createObjectURL(file);
  try {
    return await loadPicture(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

export async function loadPicture(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
