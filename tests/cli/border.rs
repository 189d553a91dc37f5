//! Where secrets may go, and where they may come from: not by the word of a branch.

use crate::support::{Project, Run, Sandbox, eventually, survey};
use std::fs::{self, File};
use std::process::{Command, Stdio};

/// The variable that holds what must not leave.
const KEY: &str = "AWS_SECRET_ACCESS_KEY";

fn at(account: &str) -> Project {
    let project = Project::empty();
    project.write(
        "infield.yaml",
        &format!("kind: Project\nname: test\nenvironments:\n  production:\n    {account}\n"),
    );
    project.write("one.yaml", &survey("one", ""));
    project
}

/// The plan for production, with these variables.
fn plan(project: &Project, variables: &[(&str, &str)]) -> Run {
    let args = ["plan", "--env", "production"];
    let mut command = project.command(&args);
    command.envs(variables.iter().copied());
    project.finish(&args, &command.output().unwrap())
}

/// Runs to the end, which has to come.
fn ended(project: &Project, args: &[&str]) -> Run {
    let mut command = project.command(args);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id().to_string();
    let stops = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually("its end", || child.try_wait().unwrap());
    }));
    if stops.is_err() {
        let _ = Command::new("kill").args(["-9", &id]).status();
        panic!("{args:?} waits for ever");
    }
    project.finish(args, &child.wait_with_output().unwrap())
}

#[test]
fn a_branch_cannot_send_a_secret_to_a_host_that_only_it_names() {
    for (account, host) in [
        (
            "purespectrum: {base_url: \"https://evil.example/v2\", token: \"${PURESPECTRUM_TOKEN}\"}",
            "evil.example",
        ),
        (
            "innovatemr: {base_url: \"https://evil.example:8443\", token: \"${INNOVATEMR_TOKEN}\"}",
            "evil.example:8443",
        ),
        (
            "cint: {account_id: 1, auth_url: \"https://api.cint.com.evil.example/oauth\", client_id: \"${CINT_ID}\", \
             client_secret: \"${CINT_SECRET}\"}",
            "api.cint.com.evil.example",
        ),
        (
            "purespectrum: {base_url: \"https://api.cint.com/v1\", token: \"${PURESPECTRUM_TOKEN}\"}",
            "api.cint.com",
        ),
    ] {
        let project = at(account);
        plan(&project, &[])
            .code(3)
            .says(&format!("do not go to {host}"))
            .says(&format!("INFIELD_ALLOW_HOSTS={host}"));
        // Said outside of the repository, it is the next thing that is missing.
        plan(
            &project,
            &[("INFIELD_ALLOW_HOSTS", &format!("other.example, {host}"))],
        )
        .code(1)
        .says("is not set");
        plan(&project, &[("INFIELD_ALLOW_HOSTS", "other.example")])
            .code(3)
            .says(&format!("INFIELD_ALLOW_HOSTS=other.example,{host}"));
    }
}

#[test]
fn whoever_runs_it_may_allow_more_in_a_file_that_is_not_of_the_repository() {
    let account = "purespectrum: {base_url: \"https://evil.example/v2\", token: \"${TEAM_TOKEN}\"}";
    let project = at(account);
    let says = "allow_hosts: [evil.example]\nallow_variables: [TEAM_*]\n";
    let own = project.folder().join("../.config/infield");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("config.yaml"), says).unwrap();
    plan(&project, &[])
        .code(1)
        .says("the variable TEAM_TOKEN is not set");
    fs::write(own.join("config.yaml"), "allow_everything: true\n").unwrap();
    plan(&project, &[]).code(1).says("is no configuration of infield");
    fs::remove_file(own.join("config.yaml")).unwrap();
    project.write(".folder/infield/config.yaml", says);
    let inside = project.folder().join(".folder");
    plan(&project, &[("XDG_CONFIG_HOME", inside.to_str().unwrap())])
        .code(3)
        .says("lies in the repository");
    // A relative path would be one of the repository.
    plan(&project, &[("XDG_CONFIG_HOME", ".folder")])
        .code(3)
        .says("do not go to evil.example");
}

#[test]
fn a_branch_cannot_choose_a_variable_that_is_not_the_vendors() {
    let sandbox = Sandbox::start();
    let url = sandbox.base_url();
    let with = |name: &str| {
        at(&format!(
            "purespectrum: {{base_url: \"{url}\", token: \"${{{name}}}\"}}"
        ))
    };
    for name in [KEY, "CINT_CLIENT_SECRET", "GITHUB_TOKEN", "XPURESPECTRUM_TOKEN"] {
        let project = with(name);
        plan(&project, &[(name, "canary-of-a-variable")])
            .code(3)
            .says(&format!("the variable {name} is not read for PureSpectrum"))
            .says(&format!("INFIELD_ALLOW_VARIABLES={name}"))
            .never_says("canary");
    }
    assert!(sandbox.log().is_empty(), "nothing was asked");
    for allowed in [KEY, "AWS_*", "OTHER AWS_SECRET_ACCESS_KEY"] {
        let variables = [(KEY, "sandbox"), ("INFIELD_ALLOW_VARIABLES", allowed)];
        plan(&with(KEY), &variables).code(0);
    }
    plan(
        &with("PURESPECTRUM_ANYTHING"),
        &[("PURESPECTRUM_ANYTHING", "sandbox")],
    )
    .code(0);
}

#[cfg(unix)]
/// Git keeps links, and what is wrong with a file is shown with the lines around it.
#[cfg(unix)]
#[test]
fn a_branch_cannot_have_a_file_shown_that_lies_outside_of_the_project() {
    use std::os::unix::fs::symlink;
    for link in ["soda.yaml", "defaults.yaml", "infield.yaml", "surveys"] {
        let project = at("state: local");
        let outside = project.folder().join("../outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("key.yaml"), "note: hunter2 [\n").unwrap();
        let folder = link == "surveys";
        let target = if folder {
            "../outside"
        } else {
            "../outside/key.yaml"
        };
        let _ = fs::remove_file(project.folder().join(link));
        symlink(target, project.folder().join(link)).unwrap();
        let given = if folder { "surveys" } else { "." };
        for args in [
            &["validate", given][..],
            &["validate", given, "--format", "github"],
            &["validate", given, "--format", "sarif"],
            &["plan", given, "--env", "sandbox"],
            &["fmt", given, "--diff"],
        ] {
            let run = project.run(args).never_says("hunter2");
            let run = run.says("leads out of the project");
            if args[0] != "fmt" {
                run.code(1);
            }
        }
        if !folder {
            let run = project.run(&["validate", link]).code(1).never_says("hunter2");
            run.says("leads out of the project");
        }
        // Whoever runs it may name any file.
        project
            .run(&["validate", "../outside/key.yaml"])
            .code(1)
            .says("hunter2");
    }
}

#[test]
fn a_secret_is_one_line_of_a_small_file() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.edit("infield.yaml", "token: sandbox", "token: {file: token}");
    let place = project.folder().join("token");
    assert!(Command::new("mkfifo").arg(&place).status().unwrap().success());
    ended(&project, &["plan"]).code(1).says("is not a regular file");
    fs::remove_file(&place).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &place).unwrap();
    ended(&project, &["plan"]).code(1).says("is not a regular file");
    fs::remove_file(&place).unwrap();
    File::create(&place).unwrap().set_len(1 << 30).unwrap();
    ended(&project, &["plan"]).code(1).says("more than the 65536");
    fs::write(&place, "-----BEGIN KEY-----\ncanary\n-----END KEY-----\n").unwrap();
    ended(&project, &["plan"])
        .code(1)
        .says("not one line of text")
        .never_says("canary");
    assert!(sandbox.log().is_empty());
    fs::write(&place, "sandbox\n").unwrap();
    project.ok(&["plan"]);
}

#[cfg(unix)]
#[test]
fn a_state_is_made_of_files_of_a_sensible_size() {
    let sandbox = Sandbox::start();
    for name in ["state.json", "journal.jsonl", "lock"] {
        let project = Project::empty().with(&sandbox);
        project.write(
            "one.yaml",
            &survey("one", "").replace("status: live", "status: draft"),
        );
        let folder = project.folder().join(".infield/bench");
        fs::create_dir_all(&folder).unwrap();
        let place = folder.join(name);
        assert!(Command::new("mkfifo").arg(&place).status().unwrap().success());
        ended(&project, &["apply", "--yes"])
            .code(1)
            .says("not a regular file");
        fs::remove_file(&place).unwrap();
        if name != "lock" {
            File::create(&place).unwrap().set_len(1 << 40).unwrap();
            ended(&project, &["apply", "--yes"])
                .code(1)
                .says("larger than 256 MiB");
        }
    }
    assert!(sandbox.writes().is_empty());
}

#[test]
fn the_address_of_a_state_names_no_host() {
    let project = at("state: https://account.blob.core.windows.net/container/state");
    let args = ["state", "list", "--env", "production"];
    let mut command = project.command(&args);
    command.env("AZURE_STORAGE_TOKEN", "canary");
    let run = project.finish(&args, &command.output().unwrap());
    run.code(1)
        .says("use s3://, gs://, az:// or file://")
        .never_says("canary");
}
