// @ts-check

/** The limits of what may be sent: the page tells of them beforehand, the server insists on them. */
export const limits = {
  nameLength: 24,
  roomLength: 24,
  textLength: 2000,
  pictureNameLength: 120,
  pictureBytes: 4_000_000,
};
