// Search in a page that was opened from a disk: a browser starts no worker from a file, so the worker's script runs in a
// frame of the page instead, with the messages of a worker. (Material's plugin `offline` would fetch such a script from a
// server otherwise; its name tells the plugin that there is one.)
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inner = frame.contentWindow;
      this.inner.postMessage = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        if (typeof this.onmessage === "function") this.onmessage(event);
      };
      const script = this.inner.document.createElement("script");
      script.src = url;
      this.ready = new Promise((done, failed) => {
        script.onload = done;
        script.onerror = () => failed(new Error(`no script ${url}`));
      });
      this.ready.catch((error) => this.dispatchEvent(new ErrorEvent("error", { error })));
      this.inner.document.body.append(script);
    }

    postMessage(data) {
      this.ready.then(
        () => this.inner.dispatchEvent(new this.inner.MessageEvent("message", { data })),
        () => {},
      );
    }

    terminate() {
      this.inner.frameElement.remove();
    }
  };
}
