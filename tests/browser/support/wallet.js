// A wallet that announces itself (EIP-6963) and forwards to the local chain, whose development
// accounts sign by themselves. A test turns its knobs through window.testWallet.
((rpc, account) => {
  const listeners = {};
  const knobs = { refuse: false, chainId: null, account, asked: [] };
  const node = async (method, params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(rpc, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const { result, error } = await answer.json();
    if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
    return result;
  };
  const tell = (event, value) => (listeners[event] ?? []).forEach((listener) => listener(value));
  const provider = {
    async request({ method, params = [] }) {
      knobs.asked.push(method);
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
      return node(method, params);
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    removeListener: (event, listener) => {
      listeners[event] = (listeners[event] ?? []).filter((one) => one !== listener);
    },
  };
  window.testWallet = {
    knobs,
    become(next) {
      knobs.account = next;
      tell("accountsChanged", [next]);
    },
    moveTo(chainId) {
      knobs.chainId = chainId;
      tell("chainChanged", chainId);
    },
  };
  const info = { uuid: "0b0ee6f1-6a17-4a9c-9c0e-2f6f0a3d7c11", name: "Test wallet", icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>", rdns: "test.wallet" };
  const announce = () =>
    dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  addEventListener("eip6963:requestProvider", announce);
  announce();
})
