//! The dashboard's files, as a browser gets them.

use guichet_server::Role;

use crate::centre::served;

#[tokio::test(flavor = "multi_thread")]
async fn every_address_of_a_page_begins_with_the_page_and_what_it_names_is_there() {
    let served = served(Role::Public).await;
    let page = served.get("/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    for address in ["/cases/2010-1", "/time?at=2010-06-10", "/../../etc/passwd", "//"] {
        let other = served.get(address, &[]).await;
        assert_eq!((other.status, &other.body), (200, &page.body), "{address}");
    }
    let text = page.text();
    assert!(
        !text.contains("<style")
            && !text.contains("style=")
            && !text.contains("http://")
            && !text.contains("https://")
    );
    let named = text
        .split('"')
        .filter(|name| name.starts_with("/assets/") || name.starts_with("/favicon"));
    let named: Vec<&str> = named.collect();
    assert!(named.len() >= 2, "{text}");
    for name in named {
        let file = served.get(name, &[]).await;
        assert_eq!(file.status, 200, "{name}");
        if name.starts_with("/assets/") {
            assert_eq!(
                file.header("cache-control"),
                Some("public, max-age=31536000, immutable"),
                "{name}"
            );
        }
        let tag = file.header("etag").unwrap().to_owned();
        let again = served.get(name, &[("If-None-Match", &tag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{name}");
    }
}
