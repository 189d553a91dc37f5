//! Help that fits a screen and ends with an example, completion in a real shell, and manual pages.

use crate::support::{INFIELD, Project, isolated, survey};
use std::path::Path;

/// Lines of a help page at most, on a terminal of 80 columns. `apply` and `plan` have the most options.
const SCREEN: usize = 40;

/// Every command with its subcommands.
fn commands(project: &Project) -> Vec<Vec<String>> {
    fn listed(page: &str) -> Vec<String> {
        let list = page
            .split("Commands:\n")
            .nth(1)
            .unwrap_or_default()
            .split("\n\n")
            .next()
            .unwrap();
        let names = list
            .lines()
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = names.map(|line| line.split_whitespace().next().unwrap().to_owned());
        names.filter(|name| name != "help").collect()
    }
    let mut all = vec![Vec::new()];
    let mut next = 0;
    while next < all.len() {
        let mut args: Vec<&str> = all[next].iter().map(String::as_str).collect();
        args.push("--help");
        let below: Vec<Vec<String>> = listed(&project.ok(&args).stdout)
            .into_iter()
            .map(|name| all[next].iter().cloned().chain([name]).collect())
            .collect();
        all.extend(below);
        next += 1;
    }
    all
}

#[test]
fn every_page_fits_a_screen_and_ends_with_an_example() {
    let project = Project::empty();
    let commands = commands(&project);
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        let name = command.join(" ");
        let page = |flag: &str| {
            let mut args: Vec<&str> = command.iter().map(String::as_str).collect();
            args.push(flag);
            let output = project.command(&args).env("COLUMNS", "80").output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let long = page("--help");
        assert_eq!(long, page("-h"), "{name}: the two pages differ");
        let lines: Vec<&str> = long.lines().collect();
        assert!(lines.len() <= SCREEN, "{name} has {} lines\n{long}", lines.len());
        for line in &lines {
            // What is to be copied is not wrapped.
            assert!(
                line.chars().count() <= 80 || line.contains("infield "),
                "{name}: {line}"
            );
        }
        let last = lines
            .iter()
            .rposition(|line| line.starts_with("Example"))
            .unwrap_or(0);
        assert!(
            last > 0 && last + 4 >= lines.len(),
            "{name} has no example at its end\n{long}"
        );
        assert!(lines[last].contains("infield"), "{name}");
    }
}

/// What bash offers for the last of these words.
fn offered(project: &Project, words: &[&str]) -> Vec<String> {
    let program = Path::new(&*INFIELD).parent().unwrap().display().to_string();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap_or_default());
    let typed: String = words.iter().map(|word| format!(" '{word}'")).collect();
    let script = format!(
        "source <(infield completions bash); COMP_WORDS=({typed}); COMP_CWORD={last}; \
         _clap_complete_infield infield '{word}' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        last = words.len() - 1,
        word = words.last().unwrap(),
    );
    let output = isolated("bash", &project.folder(), &project.folder())
        .args(["-c", &script])
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let offered = String::from_utf8(output.stdout).unwrap();
    offered
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn bash_completes_the_names_of_the_project() {
    let project = Project::empty();
    project.write("surveys/one.yaml", &survey("soda-one", ""));
    project.write("surveys/two.yaml", &survey("soda-two", ""));
    project.write(
        "infield.yaml",
        "kind: Project\nname: test\nenvironments: {production: {}}\n",
    );
    assert_eq!(offered(&project, &["infield", "pl"]), ["plan"]);
    assert_eq!(
        offered(&project, &["infield", "plan", "--target", "soda-"]),
        ["soda-one", "soda-two"]
    );
    assert_eq!(
        offered(&project, &["infield", "plan", "--env", ""]),
        ["production", "sandbox"]
    );
    assert_eq!(
        offered(&project, &["infield", "explain", "quota::g"]),
        ["quota::gap"]
    );
    assert_eq!(
        offered(&project, &["infield", "apply", "--allow", "launch,cl"]),
        ["launch,close"]
    );
    assert_eq!(
        offered(&project, &["infield", "validate", "--format", "sa"]),
        ["sarif"]
    );
    // What is remembered is offered where only that can be meant.
    assert_eq!(
        offered(&project, &["infield", "state", "rm", "so"]),
        Vec::<String>::new()
    );
    let stages = "stages: [{name: soft, completes: 10, then: hold}, {name: full}]\n";
    project.write("surveys/tea.yaml", &survey("tea", stages));
    project.apply();
    assert_eq!(
        offered(&project, &["infield", "state", "rm", "so"]),
        ["soda-one", "soda-two"]
    );
    for (typed, before) in [("te", ""), ("soda-one=x,te", "soda-one=x,")] {
        assert_eq!(
            offered(&project, &["infield", "apply", "--advance", typed]),
            ["full", "soft"].map(|stage| format!("{before}tea={stage}"))
        );
    }
    // A project that cannot be read offers what it can, without a word.
    project.write("surveys/one.yaml", "kind: [");
    assert_eq!(
        offered(&project, &["infield", "plan", "--target", "soda-"]),
        ["soda-two"]
    );
}

#[test]
fn every_shell_has_a_script_and_every_command_a_manual_page() {
    let project = Project::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = project.ok(&["completions", shell]).stdout;
        assert!(
            script.contains("INFIELD_COMPLETE") && script.contains("infield"),
            "{shell}:\n{script}"
        );
    }
    project.ok(&["man", "--write", "man"]);
    for command in commands(&project) {
        let mut name = vec!["infield".to_owned()];
        name.extend(command);
        let page = project.read(&format!("man/{}.1", name.join("-")));
        assert!(page.contains(".TH") && page.contains("Example"), "{name:?}");
    }
}
