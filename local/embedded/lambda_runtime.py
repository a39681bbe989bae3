"""Functions run by the real awslambdaric in the interpreter of their Runtime, behind the Runtime API."""

import os
import secrets
import socketserver
import threading
import time
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from embedded.overlay import replace, wrap
from embedded.settings import Settings

BOOTSTRAP = '#!/bin/sh\nexec "$_FUNCTION_PYTHON" -P "$_FUNCTION_PROCESS" "$_HANDLER"\n'
FUNCTION_PROCESS = str(Path(__file__).with_name("function_process.py"))
LATENCY_FIRST_LOG_LINE = 0.004
EMULATOR_ONLY = ("AUTH", "GATEWAY_PORT", "DOCKER_HOST", "LOG_LEVEL", "IOT_MTLS_ENABLED", "SFTP_ENABLED")

Config = dict[str, Any]


def install(settings: Settings) -> None:
    _run_python_in_its_own_interpreter(settings)
    _name_init_errors()
    _take_whole_answers()
    _give_every_invocation_a_trace()
    _remove_waits()
    _reap_soon(settings)


def _is_python(config: Config) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _run_python_in_its_own_interpreter(settings: Settings) -> None:
    run_behind_runtime_api = lambda_svc._execute_function_provided_warm
    layers = _Layers(lambda_svc._provided_runtime_code_dir)

    @wrap(lambda_svc, "_provided_runtime_code_dir", "code_zip")
    def unpack_with_bootstrap(original: Any, code_zip: bytes) -> str:
        folder = Path(original(code_zip))
        bootstrap = folder / "bootstrap"
        if not bootstrap.exists():
            fresh = folder / f".bootstrap-{threading.get_ident()}"
            fresh.write_text(BOOTSTRAP, encoding="utf-8")
            fresh.chmod(0o755)
            fresh.replace(bootstrap)
        return str(folder)

    @wrap(lambda_svc, "_provided_worker_env", "config code_dir port")
    def environment(original: Any, config: Config, code_dir: str, port: int) -> dict[str, str]:
        values: dict[str, str] = original(config, code_dir, port)
        return _function_environment(settings, layers, values, config, code_dir)

    @wrap(lambda_runtime, "_worker_class_for", "config")
    def worker_class(original: Any, config: Config) -> Any:
        return lambda_runtime.ProvidedWorker if _is_python(config) else original(config)

    @wrap(lambda_svc, "_execute_function_warm", "func event request_id")
    def execute(original: Any, func: dict[str, Any], event: Any, request_id: str) -> Any:
        run = run_behind_runtime_api if _is_python(func.get("config") or func) else original
        return run(func, event, request_id)


def _name_init_errors() -> None:
    @wrap(lambda_runtime.ProvidedWorker, "_await_init", "self")
    def await_init(original: Any, worker: Any, *rest: Any) -> None:
        try:
            original(worker, *rest)
        except RuntimeError:
            if isinstance(error := worker._init_error, dict):
                raise lambda_runtime.ProvidedRuntimeError(error["errorMessage"], error["errorType"]) from None
            raise


def _take_whole_answers() -> None:
    """A process that ends while it answers has not answered: what came of it is no result."""

    @wrap(lambda_runtime.ProvidedWorker, "_build_handler_class", "self generation pending")
    def runtime_api(original: Any, *arguments: Any) -> Any:
        class RuntimeApi(original(*arguments)):  # type: ignore[misc]
            def _read_body(self) -> bytes:
                body: bytes = super()._read_body()
                if len(body) < int(self.headers.get("Content-Length", 0)):
                    raise ConnectionResetError
                return body

        return RuntimeApi


def _function_environment(
    settings: Settings, layers: "_Layers", values: dict[str, str], config: Config, code_dir: str
) -> dict[str, str]:
    """What a function finds in its environment on AWS; nothing of the emulator's own."""
    name, runtime = config.get("FunctionName", ""), config.get("Runtime", "")
    logging = config.get("LoggingConfig") or {}
    json_logs = logging.get("LogFormat") == "JSON"
    declared = set((config.get("Environment") or {}).get("Variables") or {})
    hidden = {key for key in values if key in EMULATOR_ONLY or key.startswith("MINISTACK_")}
    path = [code_dir, *layers.python_path(config, runtime), values.get("PYTHONPATH", "")]
    return {
        **{key: value for key, value in values.items() if key not in hidden - declared},
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if json_logs else "Text",
        "AWS_LAMBDA_LOG_LEVEL": logging.get("ApplicationLogLevel", "INFO") if json_logs else "",
        "AWS_XRAY_CONTEXT_MISSING": values.get("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "LAMBDA_TASK_ROOT": code_dir,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "TZ": values.get("TZ", ":UTC"),
        "_EMULATOR_PID": str(os.getpid()),
        "_FUNCTION_PROCESS": FUNCTION_PROCESS,
        "_FUNCTION_PYTHON": _interpreter(settings, runtime),
        "_HANDLER": config.get("Handler", ""),
    }


def _interpreter(settings: Settings, runtime: str) -> str:
    if runtime not in settings.interpreters:
        known = ", ".join(sorted(settings.interpreters)) or "none"
        raise RuntimeError(f"no interpreter for runtime {runtime} (known: {known}); start with --runtime")
    return settings.interpreters[runtime]


class _Layers:
    """Layers unpacked once per version, shared by all functions, as /opt is read-only on AWS."""

    def __init__(self, unpack: Any) -> None:
        self._unpack = unpack
        self._folders: dict[str, Path] = {}
        self._lock = threading.Lock()

    def python_path(self, config: Config, runtime: str) -> list[str]:
        """AWS unpacks layers over each other in order, so what a later one has hides an earlier one's."""
        folders = [self._folder(layer) for layer in reversed(config.get("Layers") or [])]
        return [
            str(folder / part)
            for part in ("python", f"python/lib/{runtime}/site-packages")
            for folder in folders
        ]

    def _folder(self, layer: str | dict[str, Any]) -> Path:
        arn = layer if isinstance(layer, str) else layer["Arn"]
        with self._lock:
            if arn not in self._folders or not self._folders[arn].is_dir():
                content = lambda_svc._resolve_layer_zip(layer)
                if not content:
                    raise RuntimeError(f"layer {arn} does not exist")
                self._folders[arn] = Path(self._unpack(content))
            return self._folders[arn]


def _give_every_invocation_a_trace() -> None:
    """AWS sends a trace header to every invocation, unsampled unless tracing is active."""

    @wrap(lambda_svc, "_xray_trace_id_for_invocation", "config inbound_trace_header")
    def trace(original: Any, config: Config, inbound_trace_header: str | None = None) -> str:
        sampled = original(config, inbound_trace_header)
        root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        return sampled or f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def _remove_waits() -> None:
    """40 ms of Nagle's algorithm and up to 50 ms waiting for a first log line, on every warm invocation."""
    setattr(socketserver.StreamRequestHandler, "disable_nagle_algorithm", True)  # noqa: B010

    @wrap(lambda_runtime.Worker, "_drain_stderr_bounded", "self first_line_wait")
    def drain(
        original: Any, worker: Any, first_line_wait: float = LATENCY_FIRST_LOG_LINE, **rest: Any
    ) -> Any:
        return original(worker, first_line_wait=first_line_wait, **rest)


def _reap_soon(settings: Settings) -> None:
    """Surplus workers of a burst go after `idle_worker_seconds`; one of each function stays."""

    def reap_regularly() -> None:
        while True:
            time.sleep(settings.idle_worker_seconds / 6)
            lambda_runtime.reap_idle_workers(settings.idle_worker_seconds)

    replace(lambda_svc, "_ensure_reaper_thread", "", lambda: None)
    threading.Thread(target=reap_regularly, name="reaper", daemon=True).start()
