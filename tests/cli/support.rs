//! A hermetic session: a folder of its own, no environment but what a test gives, and a sandbox that can be asked.
//!
//! Promises: nothing of the machine's configuration reaches the program, nothing it starts outlives the test, and a
//! test waits for conditions, never for time.

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;

/// The program under test: the one that was just built, or the one that `INFIELD_TEST_BIN` names, an absolute path that ends
/// in `infield`. So a test can be shown failing with an earlier program.
pub(crate) static INFIELD: LazyLock<String> = LazyLock::new(|| {
    std::env::var("INFIELD_TEST_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_infield").to_owned())
});

/// How often a condition is looked at before a test gives up; with [`PAUSE`] about half a minute.
const TRIES: usize = 6_000;
/// Only spares the processor between two looks: the condition decides.
const PAUSE: Duration = Duration::from_millis(5);

/// For accounts at vendors that are asked politely by default: an emulator need not be waited for.
const PACE: &str = "requests_per_second: 10000";

/// Looks until there is something to see.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..TRIES {
        if let Some(found) = look() {
            return found;
        }
        std::thread::park_timeout(PAUSE);
    }
    panic!("never came: {what}");
}

/// A program with an environment of its own.
pub(crate) fn isolated(program: &str, home: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("USER", "tester")
        .env("HOSTNAME", "testhost")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .stdin(Stdio::null());
    command
}

/// A folder with manifests, and the environment they are used in.
pub(crate) struct Project {
    home: TempDir,
    port: Option<u16>,
}

impl Project {
    /// A project without any file.
    pub(crate) fn empty() -> Self {
        let project = Self {
            home: tempfile::tempdir().unwrap(),
            port: None,
        };
        fs::create_dir(project.folder()).unwrap();
        project
    }

    /// A copy of one of the examples, in the embedded sandbox.
    pub(crate) fn example(name: &str) -> Self {
        let project = Self::empty();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        copy(&from, &project.folder());
        project
    }

    /// Points the project at a sandbox that can be asked. `guards` is the flow mapping of the environment's guards.
    pub(crate) fn with_guards(mut self, sandbox: &Sandbox, guards: &str) -> Self {
        self.port = Some(sandbox.port);
        let url = sandbox.base_url();
        self.write(
            "infield.yaml",
            &format!(
                "kind: Project\nname: test\nenvironments:\n  bench:\n    \
                 purespectrum: {{base_url: \"{url}\", token: sandbox}}\n    guards: {guards}\n"
            ),
        );
        self
    }

    /// As [`Project::with_guards`], with the guards as they are by default.
    pub(crate) fn with(self, sandbox: &Sandbox) -> Self {
        self.with_guards(sandbox, "{}")
    }

    /// As [`Project::with`], with an account at InnovateMR.
    pub(crate) fn with_innovatemr(mut self, sandbox: &Sandbox) -> Self {
        self.port = Some(sandbox.port);
        let url = format!("http://127.0.0.1:{}/innovatemr/api/v2", sandbox.port);
        self.write(
            "infield.yaml",
            &format!(
                "kind: Project\nname: test\nenvironments:\n  bench:\n    \
                 innovatemr: {{base_url: \"{url}\", token: sandbox, {PACE}}}\n"
            ),
        );
        self
    }

    /// As [`Project::with`], with an account at every vendor.
    pub(crate) fn with_all(mut self, sandbox: &Sandbox) -> Self {
        self.port = Some(sandbox.port);
        let at = format!("http://127.0.0.1:{}", sandbox.port);
        self.write(
            "infield.yaml",
            &format!(
                "kind: Project\nname: test\nenvironments:\n  bench:\n    \
                 purespectrum: {{base_url: \"{at}/purespectrum/buyers/v2\", token: sandbox}}\n    \
                 innovatemr: {{base_url: \"{at}/innovatemr/api/v2\", token: sandbox, {PACE}}}\n    \
                 cint: {{base_url: \"{at}/cint/v1\", auth_url: \"{at}/cint/oauth/token\", account_id: 1, \
                 client_id: sandbox, client_secret: sandbox, {PACE}}}\n"
            ),
        );
        self
    }

    /// The folder of the manifests.
    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join("project")
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file of the project.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap()
    }

    /// Forgets everything that is remembered of an environment; what the sandbox stored stays.
    pub(crate) fn forget(&self, environment: &str) {
        for file in ["state.json", "state.previous.json", "journal.jsonl"] {
            let _ = fs::remove_file(self.folder().join(".infield").join(environment).join(file));
        }
    }

    /// Removes a file of the project.
    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.folder().join(name)).unwrap();
    }

    /// Replaces what stands exactly once in a file.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {name}:\n{text}");
        self.write(name, &text.replace(from, to));
    }

    /// Whether a file or folder of the project exists.
    pub(crate) fn exists(&self, name: &str) -> bool {
        self.folder().join(name).exists()
    }

    /// The program in this project, with the environment of its sandbox.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = isolated(&INFIELD, self.home.path(), &self.folder());
        if self.port.is_some() {
            command.env("INFIELD_ENV", "bench");
        }
        command.args(args);
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.finish(args, &self.command(args).output().unwrap())
    }

    /// Runs the program and expects the code 0.
    pub(crate) fn ok(&self, args: &[&str]) -> Run {
        self.run(args).code(0)
    }

    /// Applies everything with launches approved, one survey after the other, and expects the code 0.
    pub(crate) fn apply(&self) -> Run {
        self.ok(&APPLY)
    }

    /// The plan as JSON; expects the code 0.
    pub(crate) fn plan(&self) -> Value {
        self.ok(&["plan", "--format", "json"]).json()
    }

    /// The writing calls of the plan, in order, ids of surveys that are not made yet as placeholders.
    pub(crate) fn planned_calls(&self) -> Vec<Value> {
        let plan = self.plan();
        let steps = plan["steps"].as_array().unwrap();
        steps
            .iter()
            .flat_map(|step| step["calls"].as_array().unwrap())
            .map(|call| json!({"method": call["method"], "path": call["path"], "body": call["body"]}))
            .collect()
    }

    /// Expects that there is nothing to do.
    pub(crate) fn expect_settled(&self) {
        let run = self.ok(&["plan", "--detailed-exitcode"]);
        assert!(run.stdout.contains("Nothing to do"), "{run:?}");
    }

    /// Runs it with a text as its input.
    pub(crate) fn pipe(&self, args: &[&str], text: &str) -> Run {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        self.finish(args, &child.wait_with_output().unwrap())
    }

    /// What ended, with everything that differs from run to run made equal.
    pub(crate) fn finish(&self, args: &[&str], output: &Output) -> Run {
        let steady = |bytes: &[u8]| {
            let mut text = String::from_utf8(bytes.to_vec()).expect("what the program says is UTF-8");
            for folder in [self.home.path().canonicalize().unwrap(), self.home.path().into()] {
                text = text.replace(folder.to_str().unwrap(), "[HOME]");
            }
            if let Some(port) = self.port {
                text = text.replace(&format!("127.0.0.1:{port}"), "[SANDBOX]");
            }
            text
        };
        Run {
            args: args.join(" "),
            code: output.status.code(),
            stdout: steady(&output.stdout),
            stderr: steady(&output.stderr),
        }
    }
}

/// Applies with launches approved, one survey after the other.
pub(crate) const APPLY: [&str; 6] = ["apply", "--yes", "--allow", "launch", "--parallelism", "1"];

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == ".infield" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Run {
    args: String,
    code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it said.
    pub(crate) stderr: String,
}

impl Run {
    /// Expects an exit code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text());
        self
    }

    /// Expects something among what it printed and said.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        // Wrapped lines and their indent are the terminal's affair.
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat(&self.text()).contains(&flat(text)),
            "not said: {text}\n{}",
            self.text()
        );
        self
    }

    /// Expects something not to be among what it printed and said.
    #[track_caller]
    pub(crate) fn never_says(self, text: &str) -> Self {
        assert!(!self.text().contains(text), "said: {text}\n{}", self.text());
        self
    }

    /// What it printed, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.text()))
    }

    /// What it printed, as one JSON object a line.
    pub(crate) fn events(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// Everything as one text.
    pub(crate) fn text(&self) -> String {
        format!(
            "$ infield {}\n{}--- stderr\n{}--- exit {:?}\n",
            self.args, self.stdout, self.stderr, self.code
        )
    }
}

/// `infield sandbox serve`, in memory, ended with the test.
pub(crate) struct Sandbox {
    child: Child,
    _home: TempDir,
    /// Where it listens.
    pub(crate) port: u16,
}

impl Sandbox {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with more arguments.
    pub(crate) fn start_with(more: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut child = isolated(&INFIELD, home.path(), home.path())
            .args(["sandbox", "serve", "--port", "0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no port in {line:?}"));
        Self {
            child,
            _home: home,
            port,
        }
    }

    /// Where PureSpectrum is.
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/purespectrum/buyers/v2", self.port)
    }

    /// Sends one request; answers with the status and the body, `null` where that is not JSON.
    pub(crate) fn http(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let keys = "Access-Token: sandbox\r\nX-Access-Token: sandbox\r\n";
        let (status, _, body) = self.send(method, path, keys, body);
        (status, body)
    }

    /// Sends one request with more lines of its head; answers with the status, the head and the body.
    fn send(&self, method: &str, path: &str, more: &str, body: &Value) -> (u16, String, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}Connection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        (status, head.to_owned(), body)
    }

    /// Calls Cint as somebody else would, below the account; answers with where something is then, and the body.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers write the value on the spot"
    )]
    pub(crate) fn cint(&self, method: &str, path: &str, body: Value) -> (String, Value) {
        let login = json!({
            "client_id": "sandbox", "client_secret": "sandbox", "grant_type": "client_credentials",
            "audience": "https://api.luc.id", "auth_scopes": "app:api",
        });
        let (_, _, token) = self.send("POST", "/cint/oauth/token", "", &login);
        let key = self
            .admin("GET", "requests", Value::Null)
            .as_array()
            .unwrap()
            .len();
        let more = format!(
            "Authorization: Bearer {}\r\nCint-API-Version: 2025-12-18\r\nIdempotency-Key: by-hand-{key}\r\n",
            token["access_token"].as_str().unwrap()
        );
        let (status, head, answer) =
            self.send(method, &format!("/cint/v1/demand/accounts/1{path}"), &more, &body);
        assert!(
            (200..300).contains(&status),
            "{method} {path} {body}: {status} {answer}"
        );
        let place = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.to_owned())
        });
        (place.unwrap_or_default(), answer)
    }

    /// Steers the sandbox; a refusal fails the test.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers write the value on the spot"
    )]
    pub(crate) fn admin(&self, method: &str, what: &str, body: Value) -> Value {
        let (status, answer) = self.http(method, &format!("/_sandbox/{what}"), &body);
        assert_eq!(status, 200, "{method} {what} {body}: {answer}");
        answer
    }

    /// Scripts a fault.
    pub(crate) fn fault(&self, fault: Value) {
        self.admin("POST", "faults", fault);
    }

    /// Calls the vendor as somebody else would, by hand.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers write the value on the spot"
    )]
    pub(crate) fn by_hand(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.http(method, &format!("/purespectrum/buyers/v2{path}"), &body);
        assert!(
            (200..300).contains(&status),
            "{method} {path} {body}: {status} {answer}"
        );
        answer
    }

    /// Removes every fault; what one of them delays is answered now.
    pub(crate) fn release(&self) {
        self.admin("DELETE", "faults", Value::Null);
    }

    /// Calls the vendors received since [`Sandbox::forget`].
    pub(crate) fn log(&self) -> Vec<Value> {
        let log = self.admin("GET", "requests", Value::Null);
        log.as_array().unwrap().clone()
    }

    /// Empties the log.
    pub(crate) fn forget(&self) {
        self.admin("DELETE", "requests", Value::Null);
    }

    /// Writing calls received since [`Sandbox::forget`], in the shape of [`Project::planned_calls`].
    pub(crate) fn writes(&self) -> Vec<Value> {
        let log = self.log();
        let writes = log.iter().filter(|call| call["method"] != "GET");
        writes
            .map(|call| {
                let path = call["path"].as_str().unwrap();
                let path = path.strip_prefix("/purespectrum/buyers/v2").unwrap();
                json!({"method": call["method"], "path": path, "body": call["body"]})
            })
            .collect()
    }

    /// All surveys in a status (11 draft, 22 live, 33 paused, 44 closed), as the vendor shows them.
    pub(crate) fn surveys(&self, status: u16) -> Vec<Value> {
        let list = self.by_hand("GET", &format!("/surveys?status={status}"), Value::Null);
        list.as_array().unwrap().clone()
    }

    /// Numbers of surveys that are drafts, live, paused and closed.
    pub(crate) fn count(&self) -> [usize; 4] {
        [11, 22, 33, 44].map(|status| self.surveys(status).len())
    }

    /// One survey as the vendor shows it.
    pub(crate) fn survey(&self, id: u64) -> Value {
        self.by_hand("GET", &format!("/surveys/{id}"), Value::Null)
    }

    /// Waits until the first of the scripted faults has met a call.
    pub(crate) fn await_fault(&self) {
        eventually("the call that hangs", || {
            let faults = self.admin("GET", "faults", Value::Null);
            (faults[0]["fired"] == 1).then_some(())
        });
    }

    /// Waits until a call of this method and path was received.
    pub(crate) fn await_call(&self, method: &str, path_end: &str) {
        eventually(&format!("{method} ...{path_end}"), || {
            let log = self.log();
            log.iter()
                .any(|call| call["method"] == method && call["path"].as_str().unwrap().ends_with(path_end))
                .then_some(())
        });
    }

    /// Ends it now; the port refuses connections from here on.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A target group, with an end.
pub(crate) const CINT: &str = "kind: Survey\nname: tracker\ntitle: Tracker\nincidence_rate: 60\nlength_of_interview: 8\n\
    field: {end: 2036-12-15T18:00:00Z}\nlive_url: https://survey.example.com/s?rid=[%RID%]\n\
    test_url: https://survey.example.com/t?rid=[%RID%]\nstatus: live\ncint: {project_manager: \
    b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}\ngroups:\n- name: us\n  locale: en-US\n  completes: 100\n  \
    cpi: 2.75 USD\n";

/// A group of a job.
pub(crate) const INNOVATEMR: &str = "kind: Survey\nname: lift\ntitle: Lift\nstatus: live\ninnovatemr: {category: 7}\ngroups:\n\
    - name: us\n  locale: en-US\n  completes: 100\n  max_cpi: 3.75 USD\n  incidence_rate: 50\n  length_of_interview: 5\n  \
    live_url: https://survey.example.com/l?tk=[%%token%%]\n  test_url: https://survey.example.com/l?test=1\n";

/// The vendor's id of something remembered.
pub(crate) fn id(project: &Project, address: &str) -> String {
    let listed = project.ok(&["state", "show", address]).json();
    listed["id"].as_str().unwrap().to_owned()
}

/// A survey with nothing special about it.
pub(crate) fn survey(name: &str, more: &str) -> String {
    format!(
        "kind: Survey\nname: {name}\ntitle: About {name}\nlocale: en-US\ncompletes: 100\nincidence_rate: 50\n\
         length_of_interview: 5\nfield_days: 7\ncpi: 2.50 USD\nlive_url: https://survey.example.com/{name}\n\
         status: live\npurespectrum: {{category: 232}}\n{more}"
    )
}
