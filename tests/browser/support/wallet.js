// A wallet that announces itself (EIP-6963) and forwards to the local chain, whose development
// accounts sign by themselves. A test turns its knobs through window.testWallet, or before the page
// loads through window.walletKnobs:
//   never: methods that are never answered; hold: methods answered at testWallet.answer(method)
//   fail: {method: what is thrown}; hash: what eth_sendTransaction answers, sending nothing
//   fields: what it adds to each transaction; sent: the transactions that it was asked for
//   announceAfter: ms until it announces itself, null for never (window.testWallet.announce());
//   windowAfter: ms until it is window.ethereum
// A lock outlives a reload (sessionStorage), as a wallet's own does.
((rpc, account) => {
  const listeners = {};
  const knobs = {
    refuse: false, chainId: null, account, asked: [], never: [], hold: [], fail: {}, hash: null,
    fields: {}, sent: [], announceAfter: 0, windowAfter: null, ...window.walletKnobs,
  };
  const LOCKED = "test-wallet-locked";
  const kept = { get: () => { try { return sessionStorage.getItem(LOCKED) !== null; } catch { return false; } } };
  const held = {};
  const node = async (method, params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(rpc, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const { result, error } = await answer.json();
    if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
    return result;
  };
  // as wallets do: between the estimate and its block the room may change
  const withGas = async (wanted) => {
    const needed = await node("eth_estimateGas", [wanted]).catch(() => null);
    return needed === null ? wanted : { ...wanted, gas: `0x${Math.ceil(Number(needed) * 1.5 + 25_000).toString(16)}` };
  };
  const tell = (event, value) => (listeners[event] ?? []).forEach((listener) => listener(value));
  const provider = {
    async request({ method, params = [] }) {
      knobs.asked.push(method);
      if (method === "eth_sendTransaction") knobs.sent.push(params[0]);
      if (knobs.never.includes(method)) return new Promise(() => {});
      if (knobs.hold.includes(method)) await new Promise((resolve) => (held[method] ??= []).push(resolve));
      if (method in knobs.fail) throw knobs.fail[method];
      if (method === "eth_accounts" && kept.get()) return [];
      if (method === "eth_requestAccounts" && kept.get()) return new Promise(() => {});
      if (method === "eth_requestAccounts" || method === "eth_accounts") return [knobs.account];
      if (method === "eth_chainId" && knobs.chainId !== null) return knobs.chainId;
      if (method === "wallet_switchEthereumChain") {
        knobs.chainId = null;
        tell("chainChanged", params[0].chainId);
        return null;
      }
      if (method === "eth_sendTransaction" && knobs.refuse) {
        throw Object.assign(new Error("User rejected the request."), { code: 4001 });
      }
      if (method === "eth_sendTransaction" && knobs.hash !== null) return knobs.hash;
      if (method === "eth_sendTransaction") return node(method, [{ ...(await withGas(params[0])), ...knobs.fields }]);
      return node(method, params);
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    removeListener: (event, listener) => {
      listeners[event] = (listeners[event] ?? []).filter((one) => one !== listener);
    },
  };
  const info = { uuid: "0b0ee6f1-6a17-4a9c-9c0e-2f6f0a3d7c11", name: "Test wallet", icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>", rdns: "test.wallet" };
  const announce = () =>
    dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  const appear = () => {
    addEventListener("eip6963:requestProvider", announce);
    announce();
  };
  window.testWallet = {
    knobs,
    announce: appear,
    become(next) {
      knobs.account = next;
      tell("accountsChanged", [next]);
    },
    moveTo(chainId) {
      knobs.chainId = chainId;
      tell("chainChanged", chainId);
    },
    // silently: the event is lost
    lock(silently = false) {
      sessionStorage.setItem(LOCKED, "");
      if (!silently) tell("accountsChanged", []);
    },
    unlock(silently = false) {
      sessionStorage.removeItem(LOCKED);
      if (!silently) tell("accountsChanged", [knobs.account]);
    },
    answer(method) {
      knobs.hold = knobs.hold.filter((one) => one !== method);
      (held[method] ?? []).splice(0).forEach((resolve) => resolve());
    },
  };
  if (knobs.announceAfter === 0) appear();
  else if (knobs.announceAfter !== null) setTimeout(appear, knobs.announceAfter);
  if (knobs.windowAfter !== null) {
    setTimeout(() => {
      window.ethereum = provider;
      dispatchEvent(new Event("ethereum#initialized"));
    }, knobs.windowAfter);
  }
})
