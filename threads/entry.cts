/**
 * Where Piscina enters a thread: what a pool can ask of it, each there once the thread has loaded. CommonJS, because Piscina reads its file by
 * `require`, and a thread that is ended while it requires an ES module takes the whole process with it: Node 20 and 24 abort then ("IsGraphAsync
 * must be used on an instantiated module", from ModuleWrap::InstantiateSync). A thread that is ended within `import` just ends.
 */
const tasks = import('./tasks.js');

export = {
  joinRun: tasks.then(({ joinRun }) => joinRun),
  inspect: tasks.then(({ inspect }) => inspect),
  inspectTensorFlow: tasks.then(({ inspectTensorFlow }) => inspectTensorFlow),
};
