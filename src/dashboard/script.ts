// What pages do beyond HTML, as a module of its own. Each page works without it.

export const SCRIPT = `
// Copying: the button is there only where it works.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });
}

// A choice is shown at once.
for (const select of document.querySelectorAll("form.inline select"))
  select.addEventListener("change", () => select.form.requestSubmit());

// What was wrong is where one goes on.
document.querySelector("[aria-invalid=true]")?.focus();
`;
