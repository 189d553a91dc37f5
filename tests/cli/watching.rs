//! `status --watch` in a real terminal, which util-linux's `script` makes, and without one.

use crate::support::{INFIELD, Project, Sandbox, eventually, survey};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::num::NonZero;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A terminal with the program in it. Everything that is read of it is waited for.
struct Tty {
    script: Child,
    keys: ChildStdin,
    seen: Arc<Mutex<Seen>>,
}

/// What was written to the terminal.
struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Tty {
    /// Starts it with so many rows and columns. Behind the program the terminal says with which code it ended, and its own
    /// settings.
    fn start(project: &Project, (rows, columns): (u16, u16), more: &str, env: &[(&str, &str)]) -> Self {
        let inside = format!(
            "stty rows {rows} cols {columns}; echo on $(tty); \
             sh -c 'echo as $$; exec \"$@\"' run {} status --watch --interval 600 {more}; \
             echo ended with $?; stty -a",
            *INFIELD
        );
        let mut command = project.command(&[]);
        let mut ours = Command::new("script");
        ours.args(["-qfec", &inside, "/dev/null"])
            .current_dir(project.folder())
            .env_clear()
            .envs(
                command
                    .env("TERM", "xterm-256color")
                    .env("SHELL", "/bin/sh")
                    .get_envs()
                    .filter_map(|(k, v)| Some((k, v?))),
            )
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut script = ours.spawn().expect("util-linux's `script` makes terminals");
        let keys = script.stdin.take().unwrap();
        let mut output = script.stdout.take().unwrap();
        let screen = vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap(), 0);
        let seen = Arc::new(Mutex::new(Seen {
            screen,
            bytes: Vec::new(),
        }));
        let told = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                let mut seen = told.lock().unwrap();
                seen.screen.process(&bytes[..n]);
                seen.bytes.extend(&bytes[..n]);
            }
        });
        Self { script, keys, seen }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the screen is as it should be; answers with it.
    #[track_caller]
    fn shows(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let text = || self.seen.lock().unwrap().screen.screen().contents();
        let last = Mutex::new(String::new());
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            eventually(what, || {
                *last.lock().unwrap() = text();
                is_so(&last.lock().unwrap()).then_some(())
            });
        }));
        assert!(found.is_ok(), "never came: {what}\n{}", text());
        last.into_inner().unwrap()
    }

    #[track_caller]
    fn has(&self, text: &str) -> String {
        self.shows(text, |screen| screen.contains(text))
    }

    /// All that was written so far.
    fn written(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().bytes).into_owned()
    }

    /// What stands behind a word, on the line where that was written first.
    fn told(&self, before: &str) -> String {
        eventually(before, || {
            let text = self.written();
            let rest = text.split(&format!("{before} ")).nth(1)?;
            Some(rest.split_once("\r\n")?.0.to_owned())
        })
    }

    /// Waits for the end of the program, and expects its code and a terminal as it was before.
    #[track_caller]
    fn ends_with(mut self, code: i32) {
        assert_eq!(self.told("ended with"), code.to_string(), "{}", self.written());
        assert!(self.script.wait().unwrap().success());
        let settings = eventually("the settings of the terminal", || {
            let text = self.written();
            let settings = text.split("ended with ").nth(1)?;
            settings.contains("extproc").then(|| format!("{settings} "))
        });
        for on in ["isig", "icanon", "echo"] {
            assert!(settings.contains(&format!("{on} ")), "{on}\n{settings}");
            assert!(!settings.contains(&format!("-{on} ")), "{on}\n{settings}");
        }
        let seen = self.seen.lock().unwrap();
        let screen = seen.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor());
    }

    fn sends(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.told("as")]).status();
        assert!(sent.unwrap().success());
    }

    fn resize(&self, rows: u16, columns: u16) {
        let terminal = self.told("on");
        self.seen
            .lock()
            .unwrap()
            .screen
            .screen_mut()
            .set_size(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        let args = [
            "-F",
            &terminal,
            "rows",
            &rows.to_string(),
            "cols",
            &columns.to_string(),
        ];
        assert!(Command::new("stty").args(args).status().unwrap().success());
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// Three surveys in field, the second of which has completes.
fn three(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    for name in ["apple", "pear", "plum"] {
        project.write(&format!("{name}.yaml"), &survey(name, ""));
    }
    project.apply();
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": 1_000_002, "completes": 31}),
    );
    project
}

#[test]
fn a_terminal_shows_all_surveys_and_obeys_keys_and_gets_everything_back() {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    let mut tty = Tty::start(&project, (12, 100), "", &[]);
    let screen = tty.has("r read now");
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines[0].starts_with("infield status of bench, 2"), "{screen}");
    assert!(lines[0].contains(" ago, next in "), "{screen}");
    assert!(lines[1].starts_with("3 surveys: "), "{screen}");
    assert!(lines[2].starts_with("77.50 USD spent, "), "{screen}");
    assert!(screen.contains("31 of 100"), "{screen}");
    tty.press("/pear");
    tty.shows("only one", |screen| {
        screen.contains("/pear") && !screen.contains("apple")
    });
    tty.press("\r\r");
    let screen = tty.has("length of interview:");
    assert!(screen.contains("pear (PureSpectrum 1000002): "), "{screen}");
    // Back, and all of them again.
    tty.press("\u{1b}");
    tty.has("1/1, /pear");
    tty.press("\u{1b}");
    tty.has("2/3, by trouble");
    tty.press("\u{1b}[B");
    tty.has("3/3, by trouble");
    tty.press("s");
    tty.has("by name");
    tty.press("o");
    tty.has("Nothing that somebody has to look at.");
    // Read at once, far from the time of the next look.
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": 1_000_003, "completes": 44}),
    );
    tty.press("or");
    tty.has("44 of 100");
    assert!(!tty.written().contains("[38;5;"), "no colours with NO_COLOR");
    tty.press("q");
    tty.ends_with(0);
}

#[test]
fn what_cannot_be_read_keeps_its_figures_and_a_small_terminal_is_enough() {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    let mut tty = Tty::start(&project, (12, 100), "--fail-on unread", &[("NO_COLOR", "")]);
    tty.has("31 of 100");
    assert!(tty.written().contains("[38;5;"), "colours without NO_COLOR");
    sandbox.fault(json!({"method": "GET", "path": "*/surveys*", "status": 403, "times": 1000}));
    tty.press("r");
    let screen = tty.has("not read");
    assert!(
        screen.contains("31 of 100") && screen.contains("figures of "),
        "{screen}"
    );
    tty.resize(10, 40);
    let screen = tty.shows("a small screen", |screen| {
        let clock = screen.lines().nth(1);
        clock.is_some_and(|line| line.starts_with("read ")) && screen.contains("q leave")
    });
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(lines.len(), 10, "{screen}");
    assert!(screen.contains("pear   not read  31 of 100"), "{screen}");
    // With what cannot be read on the screen, as `--fail-on` says.
    tty.resize(12, 100);
    tty.press("\u{3}");
    tty.ends_with(6);
}

#[test]
fn signals_give_the_terminal_back() {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    let tty = Tty::start(&project, (12, 100), "", &[]);
    tty.has("31 of 100");
    tty.sends("-TERM");
    tty.ends_with(0);
}

#[test]
fn a_look_that_fails_leaves_the_last_picture_on_the_terminal() {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    let mut tty = Tty::start(&project, (12, 100), "", &[]);
    tty.has("31 of 100");
    project.write(".infield/bench/state.json", "torn");
    tty.press("r");
    let screen = tty.has("no look worked for ");
    assert!(screen.contains("31 of 100"), "{screen}");
    tty.press("q");
    tty.ends_with(0);
}

#[test]
fn without_a_screen_looks_follow_each_other_as_text() {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    let mut child = project
        .command(&["status", "--watch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("bench, 2"));
    let rest: Vec<String> = lines
        .by_ref()
        .take_while(|line| !line.starts_with("3 surveys: "))
        .collect();
    assert!(rest.iter().any(|line| line.ends_with("31 of 100")), "{rest:?}");
    assert!(!rest.join("").contains('\u{1b}'), "{rest:?}");
    let sent = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let tty = Tty::start(&project, (40, 100), "", &[("TERM", "dumb")]);
    tty.has("3 surveys: ");
    assert!(!tty.seen.lock().unwrap().screen.screen().alternate_screen());
    tty.sends("-INT");
    tty.ends_with(0);
}
