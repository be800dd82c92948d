#![allow(missing_docs, clippy::unwrap_used)]
use guichet_catalogue::*;
fn main() {
    let demo = embedded("harbin-2010").unwrap_or_else(|e| {
        println!("{e}");
        std::process::exit(1)
    });
    println!("{}", finding::render(&check(&demo)));
    std::fs::create_dir_all("/tmp/catout").unwrap();
    for p in &demo.catalogue.procedures {
        for l in Lang::ALL {
            std::fs::write(
                format!("/tmp/catout/{}.{}.html", p.id, l.tag()),
                guide::html(p, &demo, l),
            )
            .unwrap();
            std::fs::write(
                format!("/tmp/catout/{}.{}.md", p.id, l.tag()),
                guide::markdown(p, &demo, l),
            )
            .unwrap();
            std::fs::write(
                format!("/tmp/catout/{}.{}.svg", p.id, l.tag()),
                diagram::svg(p, &demo.catalogue, l),
            )
            .unwrap();
            std::fs::write(
                format!("/tmp/catout/{}.{}.mmd", p.id, l.tag()),
                diagram::mermaid(p, &demo.catalogue, l),
            )
            .unwrap();
        }
    }
}
