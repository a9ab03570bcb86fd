module.exports = { clearInterval, clearTimeout, setInterval, setTimeout };
