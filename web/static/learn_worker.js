// Learns beside the page: {model: bytes of a .safetensors file, corrections} -> {progress} ..., then {result} with the model that
// has learned, or {error}. To stop it, it is terminated.
import { Network } from './network.js';
import { learnLastLayer } from './last_layer.js';
import { formatSafetensors, parseSafetensors } from './safetensors.js';

self.onmessage = async ({ data: { model, corrections } }) => {
  try {
    const content = parseSafetensors(model), network = new Network(content);
    const { change, ...result } = await learnLastLayer(network, corrections, (progress) => self.postMessage({ progress }));
    const [name] = network.layers.at(-1).weights.weight;
    content.tensors.set(name, content.tensors.get(name).map((value, i) => value + change[i]));
    self.postMessage({ result: { ...result, model: formatSafetensors(content) } });
  } catch (error) {
    self.postMessage({ error: error.message });
  }
};
