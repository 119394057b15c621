const run = JSON.parse(document.getElementById('run').textContent);
document.title = run.title || run.scenario;
