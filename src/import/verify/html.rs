//! The report as one page: no script, nothing from elsewhere, every text escaped.

use super::report::{Difference, Layer, Side, Verification};
use std::fmt::{self, Write};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222;\
background:#fff}table{border-collapse:collapse;margin:1em 0;width:100%}th,td{text-align:left;padding:.3em .7em;\
border-bottom:1px solid #ddd;vertical-align:top}td.n,th.n{text-align:right}tr.bad td{background:#fdecea}\
code{white-space:pre-wrap;overflow-wrap:anywhere}.since{color:#666}h1 small{font-weight:normal}";

/// The whole report.
pub(super) fn page(verification: &Verification) -> String {
    let mut html = String::new();
    // Writing into a text cannot fail.
    let _ = write(&mut html, verification);
    html
}

/// A text of the owner's, which may hold anything.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(letter)?,
                // Neither directions nor other controls can rearrange the page.
                letter if is_hidden(letter) => write!(f, "\\u{{{:x}}}", u32::from(letter))?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn write(html: &mut String, verification: &Verification) -> fmt::Result {
    let verdict = match verification.differences.len() {
        0 => "nothing differs".to_owned(),
        1 => "1 difference".to_owned(),
        many => format!("{many} differences"),
    };
    write!(
        html,
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{source}: {verdict}</title>\n\
         <style>{STYLE}</style>\n<h1>{source} <small>{verdict}</small></h1>\n",
        source = Escaped(verification.source),
    )?;
    for source in &verification.sources {
        writeln!(html, "<p>{}</p>", Escaped(source))?;
    }
    html.push_str("<table><tr><th>layer<th>what<th class=n>source<th class=n>here<th class=n>differ<th class=n>changed here</tr>\n");
    for row in &verification.rows {
        let class = if row.differing > 0 { " class=bad" } else { "" };
        writeln!(
            html,
            "<tr{class}><td>{}<td>{}<td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}</tr>",
            row.layer.as_str(),
            row.what,
            row.source,
            row.here,
            row.differing,
            row.changed_here
        )?;
    }
    html.push_str("</table>\n");
    for layer in [Layer::Counts, Layer::Relations, Layer::Fields, Layer::Rules] {
        let of_layer = || verification.differences.iter().filter(move |it| it.layer == layer);
        if of_layer().next().is_none() {
            continue;
        }
        write!(
            html,
            "<h2>{}</h2>\n<table><tr><th>record<th>what<th>source<th>here<th></tr>\n",
            layer.as_str()
        )?;
        for difference in of_layer() {
            line(html, difference)?;
        }
        html.push_str("</table>\n");
    }
    html.push_str("</html>\n");
    Ok(())
}

fn line(html: &mut String, difference: &Difference) -> fmt::Result {
    let Side { source, here } = difference.excerpts();
    let [source, here] = [source, here].map(Option::unwrap_or_default);
    html.push_str("<tr><td>");
    if !difference.record.is_empty() {
        write!(html, "{} <code>{}</code>", difference.kind, Escaped(&difference.record))?;
    }
    writeln!(
        html,
        " {}<td>{} {}<td><code>{}</code><td><code>{}</code><td class=since>{}</tr>",
        Escaped(&difference.title),
        Escaped(&difference.field),
        difference.reason(),
        Escaped(&source),
        Escaped(&here),
        difference.since(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_gets_out_of_its_place() {
        let text = "<script>&\"'\u{202E}\u{0}\u{1b}[2J\n";
        let escaped = Escaped(text).to_string();
        assert_eq!(escaped, "&lt;script&gt;&amp;&quot;&#39;\\u{202e}\\u{0}\\u{1b}[2J\n");
    }
}
