'use strict';
// Asks the browser for a passkey and sends the form with the answer. The pages work without it: what needs it is hidden until it runs.
(() => {
  const blocks = [...document.querySelectorAll('[data-passkey]')].filter(block => block.dataset.origin === location.origin);
  if (!window.PublicKeyCredential || blocks.length === 0)
    return;

  const renewAfter = 4 * 60 * 1000; // a question is good for five minutes
  let waiting = null;

  const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  const listed = credentials => (credentials ?? []).map(c => ({ ...c, id: bytes(c.id) }));

  async function ask(block) {
    const answer = await fetch(block.dataset.question, { method: 'POST', credentials: 'same-origin', body: new URLSearchParams(new FormData(block.querySelector('form'))) });
    if (!answer.ok || answer.redirected)
      throw new Error('The page is out of date. Open it again.');
    const { options, challenge } = await answer.json();
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (publicKey.user) {
      publicKey.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
      publicKey.excludeCredentials = listed(publicKey.excludeCredentials);
    } else {
      publicKey.allowCredentials = listed(publicKey.allowCredentials);
    }
    return { publicKey, challenge };
  }

  function send(block, credential, challenge) {
    const given = credential.response;
    const response = { clientDataJSON: text(given.clientDataJSON) };
    if (given.attestationObject) {
      response.attestationObject = text(given.attestationObject);
      response.transports = given.getTransports?.() ?? [];
    } else {
      response.authenticatorData = text(given.authenticatorData);
      response.signature = text(given.signature);
      response.userHandle = given.userHandle ? text(given.userHandle) : null;
    }
    const form = block.querySelector('form');
    form.elements.namedItem('passkey').value = JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, authenticatorAttachment: credential.authenticatorAttachment, clientExtensionResults: {}, response,
    });
    form.elements.namedItem('challenge').value = challenge;
    form.submit();
  }

  function say(block, sentence) {
    const place = block.querySelector('[role=alert]');
    place.textContent = sentence;
    place.hidden = sentence === '';
  }

  async function press(block, button) {
    button.disabled = true;
    say(block, '');
    stopWaiting();
    try {
      const { publicKey, challenge } = await ask(block);
      const credential = publicKey.user ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      send(block, credential, challenge);
    } catch (error) {
      say(block, error.name === 'InvalidStateError' ? 'This device has a passkey for your account already.'
        : error instanceof DOMException ? 'No passkey was used. Try again, or go on another way.' : error.message);
      button.disabled = false;
    }
  }

  // The browser offers passkeys in the name field; it waits until the user picks one.
  async function waitForPick(block) {
    stopWaiting();
    const controller = waiting = new AbortController();
    try {
      const { publicKey, challenge } = await ask(block);
      if (controller.signal.aborted)
        return;
      setTimeout(() => waiting === controller && waitForPick(block), renewAfter);
      send(block, await navigator.credentials.get({ publicKey, mediation: 'conditional', signal: controller.signal }), challenge);
    } catch {
      // Not picked, or not possible: the button and the password are there.
    }
  }

  function stopWaiting() {
    waiting?.abort();
    waiting = null;
  }

  for (const block of blocks) {
    const button = block.querySelector('button');
    button.addEventListener('click', event => {
      event.preventDefault();
      press(block, button);
    });
    block.hidden = false;
    if (block.dataset.passkey === 'offered')
      Promise.resolve(window.PublicKeyCredential.isConditionalMediationAvailable?.()).then(isThere => isThere && waitForPick(block)).catch(() => {});
  }
})();
