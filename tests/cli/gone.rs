//! A manifest is gone when the whole project was looked at and nothing there could be it. Whatever hides one, its survey stays
//! as it is, and the plan names the file.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Two surveys in field.
fn in_field(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("keep.yaml", &survey("keep", ""));
    project.write("leave.yaml", &survey("leave", ""));
    project.apply();
    sandbox.forget();
    project
}

fn path(project: &Project, name: &str) -> PathBuf {
    project.folder().join(name)
}

/// Moves the manifest of the survey that stays without one.
fn moved(project: &Project, to: &str) {
    fs::create_dir_all(path(project, to).parent().unwrap()).unwrap();
    fs::rename(path(project, "leave.yaml"), path(project, to)).unwrap();
}

/// Expects that nothing is done to the survey, and that the plan says why.
#[track_caller]
fn stays(project: &Project, sandbox: &Sandbox, why: &str) {
    let plan = project.plan();
    assert_eq!(plan["steps"], Value::Array(Vec::new()), "{why}: {plan:#}");
    let notes = plan["notes"].as_array().unwrap();
    let named = |note: &&Value| note["address"] == "leave" && note["kind"] == "blocked";
    let message = notes
        .iter()
        .find(named)
        .unwrap_or_else(|| panic!("{why}: {plan:#}"));
    let message = message["message"].as_str().unwrap();
    assert!(message.contains(why), "{why}: {message}");
    project.run(&APPLY).code(3).says(why);
    assert!(sandbox.writes().is_empty(), "{why}");
    assert_eq!(sandbox.count(), [0, 2, 0, 0], "{why}");
}

#[test]
fn a_manifest_that_is_there_and_not_read_stops_no_survey() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let hidden = [
        ("leave.YAML", "its name does not end in `.yaml` or `.yml`"),
        ("leave.yaml.bak", "its name does not end in `.yaml` or `.yml`"),
        ("leave.txt", "its name does not end in `.yaml` or `.yml`"),
        (".leave.yaml", "it is hidden"),
        (".old/deep/leave.yaml", "it is hidden"),
        ("target/leave.yaml", "it lies in a folder named `target`"),
    ];
    for (to, why) in hidden {
        moved(&project, to);
        stays(
            &project,
            &sandbox,
            &format!("`{to}` may hold it and is not read: {why}"),
        );
        fs::rename(path(&project, to), path(&project, "leave.yaml")).unwrap();
    }
    project.expect_settled();
}

#[test]
fn a_manifest_that_an_ignore_file_leaves_out_stops_no_survey() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let why = "`leave.yaml` may hold it and is not read: an ignore file leaves it out";
    // In the project, above it, and of whoever works on it.
    for ignore in [
        ".gitignore",
        ".ignore",
        "../.ignore",
        "../.gitignore",
        "../.config/git/ignore",
    ] {
        project.write(ignore, "leave.yaml\n");
        stays(&project, &sandbox, why);
        project.remove(ignore);
    }
    project.write("node_modules/.gitignore", "*\n");
    moved(&project, "node_modules/surveys/leave.yaml");
    stays(
        &project,
        &sandbox,
        "`node_modules/surveys/leave.yaml` may hold it",
    );
}

#[test]
fn one_file_that_may_make_it_by_a_matrix_holds_it_back_and_others_do_not() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.remove("leave.yaml");
    project.write(".a.yaml", "kind: Survey\nname: other\n");
    project.write(".github/workflows/ci.yml", "name: leave\non: push\n");
    project.write("notes.md", "```yaml\nkind: Survey\nname: leave\n```\n");
    let plan = project.plan();
    assert_eq!(plan["steps"][0]["id"], "leave:pause", "{plan:#}");
    assert_eq!(plan["steps"][0]["guards"], serde_json::json!(["remove"]));
    project.write(
        ".a.yaml",
        "kind: Survey\nname: ${what}\nmatrix: {what: [leave]}\n",
    );
    stays(
        &project,
        &sandbox,
        "`.a.yaml` may hold it and is not read: it is hidden",
    );
}

#[test]
fn what_cannot_be_looked_at_may_hold_any_manifest() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.remove("leave.yaml");
    fs::write(path(&project, ".large.yaml"), vec![b'#'; 17 * 1024 * 1024]).unwrap();
    stays(&project, &sandbox, "`.large.yaml` has 17825792 bytes");
    project.remove(".large.yaml");
    fs::write(path(&project, ".other.yaml"), b"name: Z\xFCrich\n").unwrap();
    stays(&project, &sandbox, "`.other.yaml` is not UTF-8");
}

#[cfg(unix)]
#[test]
fn what_lies_behind_a_link_stops_no_survey() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    moved(&project, "../shared/leave.yaml");
    symlink("../shared", path(&project, "shared")).unwrap();
    let behind = "`shared/leave.yaml` may hold it and is not read: it lies behind a link";
    stays(&project, &sandbox, behind);
    fs::remove_dir_all(path(&project, "../shared")).unwrap();
    stays(
        &project,
        &sandbox,
        "`shared` is a link to something that does not exist",
    );
    project.remove("shared");
    symlink("round", path(&project, "round")).unwrap();
    stays(&project, &sandbox, "`round` cannot be read");
}

/// A file, and what git is told of paths beside that they are there: the mode of a submodule, and `skip-worktree`.
const FILE: (u32, bool) = (0o100_644, false);
const SUBMODULE: (u32, bool) = (0o160_000, false);
const LEFT_OUT: (u32, bool) = (0o100_644, true);

/// The index of a repository that tracks these files, as git writes it.
fn tracked(project: &Project, names: &[&str]) {
    let names: Vec<_> = names.iter().map(|name| (*name, FILE)).collect();
    index(project, &names);
}

/// The same with what else git knows of them (version 3).
fn index(project: &Project, entries: &[(&str, (u32, bool))]) {
    let mut bytes = b"DIRC".to_vec();
    bytes.extend(3_u32.to_be_bytes());
    bytes.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
    for (name, (mode, left_out)) in entries {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(mode.to_be_bytes());
        bytes.extend([0; 32]);
        let length = u16::try_from(name.len()).unwrap();
        bytes.extend((length | (u16::from(*left_out) << 14)).to_be_bytes());
        if *left_out {
            bytes.extend([0x40, 0]);
        }
        bytes.extend(name.as_bytes());
        bytes.push(0);
        while !(bytes.len() - start).is_multiple_of(8) {
            bytes.push(0);
        }
    }
    bytes.extend([0; 20]);
    fs::create_dir_all(path(project, ".git")).unwrap();
    fs::write(path(project, ".git/index"), bytes).unwrap();
}

#[test]
fn a_manifest_that_git_tracks_counts_whatever_somebodys_ignore_files_say() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    for (to, ignore) in [
        ("leave.yaml", ".gitignore"),
        ("leave.yaml", ".ignore"),
        ("leave.yaml", "../.ignore"),
        ("leave.yaml", ".git/info/exclude"),
        ("leave.yaml", "../.config/git/ignore"),
        ("target/leave.yaml", ".gitignore"),
    ] {
        if to != "leave.yaml" {
            moved(&project, to);
        }
        tracked(&project, &[".gitignore", "keep.yaml", to]);
        project.write(ignore, "leave.yaml\ntarget\n");
        project.expect_settled();
        project.edit(to, "completes: 100", "completes: 101");
        let plan = project.plan();
        assert_eq!(plan["steps"][0]["id"], "leave:update", "{to} {ignore}: {plan:#}");
        project.edit(to, "completes: 101", "completes: 100");
        project.remove(ignore);
    }
}

#[test]
fn what_git_tracks_and_did_not_check_out_stops_no_survey() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let sparse = "is tracked by git and not checked out here (a sparse checkout)";
    for (name, kind, why) in [
        ("leave.yaml", LEFT_OUT, sparse),
        ("surveys/leave.yml", LEFT_OUT, sparse),
        ("surveys/", LEFT_OUT, sparse),
        (
            "waves",
            SUBMODULE,
            "is a submodule of git that is not checked out here",
        ),
    ] {
        let _ = fs::remove_file(path(&project, "leave.yaml"));
        index(&project, &[("keep.yaml", FILE), (name, kind)]);
        let said = format!("`{}` {why}", name.trim_end_matches('/'));
        stays(&project, &sandbox, &said);
    }
    // Whoever deletes a file that git still tracks has removed it.
    index(
        &project,
        &[("keep.yaml", FILE), ("leave.yaml", FILE), ("a.txt", LEFT_OUT)],
    );
    let plan = project.plan();
    assert_eq!(plan["steps"][0]["id"], "leave:pause", "{plan:#}");
}

#[test]
fn an_ignore_file_for_infield_that_everybody_has_leaves_out_what_git_tracks() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.write(".ignore", "leave.yaml\n");
    tracked(&project, &[".ignore", "keep.yaml", "leave.yaml"]);
    let why = "`leave.yaml` may hold it and is not read: an ignore file leaves it out";
    stays(&project, &sandbox, why);
}

#[test]
fn a_protected_survey_ends_only_after_an_apply_that_lifts_it() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let all = ["apply", "--yes", "--allow", "close,remove,launch"];
    project.write("keep.yaml", &survey("keep", ""));
    project.write("defaults.yaml", "kind: Defaults\nprotect: true\n");
    project.write("leave.yaml", &survey("leave", "on_remove: close\n"));
    project.apply();
    let text = project.read("leave.yaml");
    project.remove("leave.yaml");
    project
        .run(&all)
        .code(3)
        .says("its manifest was removed, but it is protected");
    project.write("leave.yaml", &text);
    project.edit("leave.yaml", "status: live", "status: closed");
    project
        .run(&all)
        .code(3)
        .says("close is refused: the survey is protected");
    // Both in one edit: the first apply lifts it, the second closes.
    project.edit("defaults.yaml", "protect: true", "protect: false");
    project
        .run(&all)
        .code(3)
        .says("an apply of this plan only lifts that");
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
    project.ok(&all);
    assert_eq!(sandbox.count(), [0, 1, 0, 1]);
}
