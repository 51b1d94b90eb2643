// The chain of `python -m bench.chaos.hardhat`: chain id, accounts and mining as the local anvil's.
module.exports = {
  networks: {
    hardhat: {
      chainId: 31337,
      accounts: {
        mnemonic: "test test test test test test test test test test test junk",
      },
      mining: { auto: true, interval: 0 },
    },
  },
};
