module.exports = (text) => `\u001b[36m${text}\u001b[0m`;
