//! `infield fmt`: which files it writes, and what it says of those it does not.

use crate::support::Project;

const UNTIDY: &str = "name: one # its name\nkind: Survey\npurespectrum: { template_id : 15 }\n";
const TIDY: &str = "kind: Survey\nname: one # its name\npurespectrum: {template_id: 15}\n";

#[test]
fn files_are_written_once_and_then_all_is_well() {
    let project = Project::empty();
    project.write("surveys/one.yaml", UNTIDY);
    project.write("surveys/other.yaml", "on:   push\n");
    let check = project.run(&["fmt", "--check"]).code(2);
    assert_eq!(check.stdout, "surveys/one.yaml\n");
    assert_eq!(project.read("surveys/one.yaml"), UNTIDY, "a check writes nothing");
    let wanted = "--- surveys/one.yaml\n+++ surveys/one.yaml\n@@ -1,3 +1,3 @@\n+kind: Survey\n name: one # its name\n\
                  -kind: Survey\n-purespectrum: { template_id : 15 }\n+purespectrum: {template_id: 15}\n";
    for args in [&["fmt", "--diff"][..], &["fmt", "--check", "--diff"]] {
        let run = project.run(args).code(2).says("1 file would change");
        assert_eq!(run.stdout, wanted);
    }
    assert_eq!(project.read("surveys/one.yaml"), UNTIDY, "a look writes nothing");
    project.ok(&["fmt"]).says("formatted 1 file of 2");
    assert_eq!(project.read("surveys/one.yaml"), TIDY);
    assert_eq!(project.read("surveys/other.yaml"), "on:   push\n");
    assert_eq!(project.ok(&["fmt", "--diff"]).stdout, "");
    project
        .ok(&["fmt", "--check"])
        .says("2 files: all in canonical form");
    project.ok(&["validate", "surveys/one.yaml"]);
}

#[test]
fn only_the_paths_given_are_touched() {
    let project = Project::empty();
    project.write("infield.yaml", "name: acme\nkind: Project\n");
    project.write("a.yaml", UNTIDY);
    project.write("b.yaml", UNTIDY);
    assert_eq!(project.ok(&["fmt", "a.yaml"]).stdout, "a.yaml\n");
    assert_eq!(project.read("b.yaml"), UNTIDY);
    assert_eq!(project.read("infield.yaml"), "name: acme\nkind: Project\n");
    project.run(&["fmt", "c.yaml"]).code(1).says("does not exist");
}

#[test]
fn what_is_no_yaml_is_drawn_and_the_rest_is_formatted() {
    let project = Project::empty();
    project.write("bad.yaml", "kind: [\ntoken: 99887766\n");
    project.write("good.yaml", UNTIDY);
    project.write("odd.yaml", "{kind: Survey,   name: odd}\n");
    let run = project.run(&["fmt"]).code(1);
    assert!(!run.text().contains("99887766"), "{run:?}");
    run.says("error [infield::yaml::syntax]")
        .says("odd.yaml:1: left as it is: it is written in braces");
    assert_eq!(project.read("good.yaml"), TIDY);
    assert_eq!(project.read("bad.yaml"), "kind: [\ntoken: 99887766\n");
}

#[test]
fn an_editor_pipes_its_text_through() {
    let project = Project::empty();
    let pipe = |args: &[&str], text: &str| project.pipe(args, text);
    assert_eq!(pipe(&["fmt", "-"], UNTIDY).code(0).stdout, TIDY);
    assert_eq!(pipe(&["fmt", "-", "--check"], UNTIDY).code(2).stdout, "");
    assert_eq!(pipe(&["fmt", "-", "--check"], TIDY).code(0).stdout, "");
    let run = pipe(&["fmt", "-", "--diff"], UNTIDY).code(2);
    assert!(run.stdout.starts_with("--- stdin\n+++ stdin\n@@"), "{run:?}");
    assert_eq!(pipe(&["fmt", "-", "--check", "--diff"], TIDY).code(0).stdout, "");
    assert_eq!(pipe(&["fmt", "-"], "kind: [").code(1).stdout, "");
    pipe(&["fmt", "-", "x.yaml"], "")
        .code(64)
        .says("`-` stands alone");
}

#[test]
fn a_difference_shows_no_secret() {
    let project = Project::empty();
    let text = "name: acme\nkind: Project\nenvironments:\n  here:\n    purespectrum: {token:   99887766}\n";
    project.write("infield.yaml", text);
    let run = project
        .run(&["fmt", "--diff"])
        .code(2)
        .says("+kind: Project\n name: acme");
    assert!(!run.text().contains("99887766"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let project = Project::empty();
    project.write("real/one.yml", UNTIDY);
    let real = project.folder().join("real/one.yml");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, project.folder().join("link.yaml")).unwrap();
    project.ok(&["fmt"]);
    assert_eq!(project.read("real/one.yml"), TIDY);
    assert_eq!(
        std::fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(project.folder().join("link.yaml").is_symlink());
}
