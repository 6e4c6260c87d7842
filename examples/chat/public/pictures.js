// @ts-check

import { limits } from "./limits.js";

/**
 * Lets people choose, drop or paste pictures.
 *
 * @param {object} ways
 * @param {HTMLElement} ways.chooseButton opens the file chooser
 * @param {HTMLInputElement} ways.fileInput
 * @param {HTMLElement} ways.dropZone has the class "dropping" while a file is held over it
 * @param {(picture: { name: string, bytes: ArrayBuffer }) => void} send
 * @param {(problem: string) => void} complain
 */
export function offerPictures({ chooseButton, fileInput, dropZone }, send, complain) {
  chooseButton.addEventListener("click", () => fileInput.click());
  fileInput.addEventListener("change", () => {
    void sendAll(fileInput.files);
    // So that the same file can be chosen again.
    fileInput.value = "";
  });

  dropZone.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dropZone.classList.add("dropping");
  });
  dropZone.addEventListener("dragleave", (event) => {
    const within = event.relatedTarget instanceof Node && dropZone.contains(event.relatedTarget);
    if (!within) dropZone.classList.remove("dropping");
  });
  dropZone.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dropZone.classList.remove("dropping");
    void sendAll(event.dataTransfer?.files);
  });
  dropZone.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    void sendAll(files);
  });

  /** @param {FileList | null | undefined} files */
  async function sendAll(files) {
    for (const file of [...(files ?? [])]) {
      // What is too large for the server would end the connection instead of being answered.
      if (file.size > limits.pictureBytes) {
        complain(`${file.name} is larger than ${limits.pictureBytes / 1_000_000} MB.`);
      } else {
        send({ name: file.name.slice(-limits.pictureNameLength), bytes: await file.arrayBuffer() });
      }
    }
  }
}

/** @param {DragEvent} event */
function holdsFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
