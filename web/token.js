// The token that a server may want (scrawl serve --token): asked for once, kept until the tab is closed.
const dialog = document.getElementById('token');
const input = dialog.querySelector('input');
let token = '';
try { token = sessionStorage.getItem('scrawl.token') ?? ''; } catch { /* asked for again */ }
let asking = null;

export const authorization = () => (token ? { Authorization: `Bearer ${token}` } : {});

/**
 * Asks for the token after a request with the headers `refused`; true once there is another one, false when nobody gives it.
 * Several who ask get one answer, and so does a request that was refused late, when the token had been given already.
 */
export async function askToken(refused) {
  if (refused.Authorization !== authorization().Authorization) return true;
  asking ??= new Promise((resolve) => {
    input.value = '';
    document.getElementById('token-wrong').hidden = !token;  // there was one, and it was refused
    dialog.returnValue = '';
    dialog.onclose = () => {
      asking = null;
      if (!dialog.returnValue) return resolve(false);
      token = input.value.trim();
      try { sessionStorage.setItem('scrawl.token', token); } catch { /* for this page only */ }
      resolve(true);
    };
    dialog.showModal();
  });
  return asking;
}
