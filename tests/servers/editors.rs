//! Editors as they are: the schemas in the YAML language server of VS Code and Neovim, and `infield lsp` under the client
//! library of VS Code.

use crate::{Server, test};
use libtest_mimic::Trial;
use std::path::PathBuf;
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Both are installed together.
const YAML: Server = Server {
    name: "yaml-language-server",
    path: "editors/node_modules/yaml-language-server",
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        YAML.test(
            "editors::the_schemas_complete_explain_and_refuse_in_a_real_yaml_server",
            the_schemas_complete_explain_and_refuse_in_a_real_yaml_server,
        ),
        YAML.test(
            "editors::infield_lsp_serves_the_client_library_of_vs_code",
            infield_lsp_serves_the_client_library_of_vs_code,
        ),
        test(
            "editors::the_settings_for_vs_code_name_what_is_there",
            the_settings_for_vs_code_name_what_is_there,
        ),
    ]
}

/// Runs one of the scripts to its end; it fails where something is not as it should be.
fn run(script: &str, more: &[&str]) -> String {
    let output = Command::new("node")
        .arg(root().join("tests/servers/editors").join(script))
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{wrong}");
    said
}

fn the_schemas_complete_explain_and_refuse_in_a_real_yaml_server(_: &Server) {
    let said = run("schemas.mjs", &[]);
    for what in [
        "completes questions in quotas.where",
        "explains length_of_interview",
        "refuses an unknown field",
        "accepts the examples",
    ] {
        assert!(said.contains(what), "{said}");
    }
}

fn infield_lsp_serves_the_client_library_of_vs_code(_: &Server) {
    let said = run("lsp.mjs", &[env!("CARGO_BIN_EXE_infield")]);
    for what in [
        "solves it",
        "tells its exposure",
        "offers the project's surveys",
        "offers keys and whole surveys",
        "renames a survey everywhere",
        "shows what shares come to",
        "formats",
        "ends as it should",
    ] {
        assert!(said.contains(what), "{said}");
    }
}

fn the_settings_for_vs_code_name_what_is_there() {
    let folder = root().join("examples/.vscode");
    let text = std::fs::read_to_string(folder.join("settings.json")).unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let settings: serde_json::Value = serde_json::from_str(&lines.collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!(settings["glspc.server.commandArguments"][0], "lsp");
}
