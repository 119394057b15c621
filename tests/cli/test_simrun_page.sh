#!/bin/bash
# together: yes
# --html, as a browser shows it: the page of a calm run, of one with crashes, of a hostile one and of
# a long one loads without a word on the console, plays and pauses, filters, tells why a datagram was
# lost, shows the counts of --json, fetches nothing, and runs nothing that a payload brings along.
. "$(dirname "$0")/simrun_lib.sh"

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$chromium" ] || ! command -v chromedriver >/dev/null; then
    echo "cli/simrun_page: left out: there is no chromium, or no chromedriver"
    pass "without a browser there is nothing to see"
    finish cli/simrun_page
fi

steps=$scratch/steps
# What pages say of themselves, in JavaScript.
text='(id) => document.querySelector("[data-testid=" + id + "]").textContent'
count='(id) => Number(text(id).replace(/[^0-9]/g, ""))'

# make NAME WORD...: runs simrun, with the page in $scratch/NAME.html, report and events.
make()
{
    local name=$1
    shift
    run "$simrun" --world virtual --color never "$@" --html "$scratch/$name.html" \
        --json "$report" --events "$scratch/events"
    if [ "$status" -gt 1 ] || [ ! -s "$scratch/$name.html" ]; then
        fail "$name has a page" "$status: $err"
        finish cli/simrun_page
    fi
}

# step WORD...: one more step of the browser (see simrun_browser.c).
step()
{
    printf '%s\n' "$*" >>"$steps"
}
see()
{
    step "see $1 | (() => { const text = $text, count = $count; return $2; })()"
}

# visit NAME: opens the page; what it shows must agree with the report, and nothing else happen.
visit()
{
    local metrics datagrams lost
    metrics=$(json metrics | tr -d '\n')
    datagrams=$(($(json metrics/sent) + $(json metrics/duplicated)))
    lost=$(json metrics/lost)
    step "open $scratch/$1.html"
    see "$1: the page is there" 'document.title.length > 0 && typeof simrun === "object"'
    see "$1: every metric is that of --json" \
        "Object.entries($metrics).filter(([name, value]) => JSON.stringify(value) !== (document.querySelector('[data-testid=\"metric-' + name + '\"]') || { dataset: {} }).dataset.value).join() === ''"
    [ "$2" = sampled ] || see "$1: all datagrams are shown" \
        "count('count-datagrams') === $datagrams && simrun.visible().length === $datagrams"
    [ "$2" = sampled ] || see "$1: and all losses" "count('count-lost') === $lost"
}

# leave NAME: what must hold at the end of every visit.
leave()
{
    see "$1: no script but the page's own" \
        'document.scripts.length === 3 && window.injected === undefined'
    see "$1: nothing was fetched" \
        'performance.getEntriesByType("resource").filter((entry) => !entry.name.startsWith("data:")).length === 0'
    step "alone $1: no request left the page"
    step "quiet $1: the console stayed empty"
}

# sent_by CLIENT: datagrams of its requests, by the events.
sent_by()
{
    grep -E '"event":"(send|duplicated)"' "$scratch/events" | grep -c "\"client\":\"$1\""
}

# ---- a calm run ---------------------------------------------------------------------------------

step "screen 1280 720 light"
make loss10 "$root/scenarios/loss10.txt"
visit loss10 all

# It plays: the time goes on until it is told to stop, and then stands.
step "do window.before = simrun.state().time_ns"
step "click [data-testid=play]"
see "it plays: the time goes on" \
    'simrun.state().playing && simrun.state().time_ns > window.before'
see "the button says so" \
    'document.querySelector("[data-testid=play]").getAttribute("aria-pressed") === "true"'
see "the time is seen to go on" \
    'Number(document.querySelector("[data-testid=time]").dataset.ns) > window.before'
step "key Space"
see "the key of a blank pauses it" '!simrun.state().playing'
step "do window.times = []; (function look() { window.times.push(simrun.state().time_ns); if (window.times.length < 20) requestAnimationFrame(look); })()"
see "the time stands" 'window.times.length === 20 && new Set(window.times).size === 1'

# Filters.
step "type [data-testid=filter] c1"
see "a client's name shows its datagrams alone" \
    "count('count-datagrams') === $(sent_by c1) && simrun.visible().every((i) => simrun.datagram(i).key.startsWith('c1/'))"
step "type [data-testid=filter] c1/1"
see "a request's name shows it alone" \
    "simrun.visible().length === $(grep -E '"event":"(send|duplicated)"' "$scratch/events" |
        grep -c '"client":"c1","n":1,') && simrun.visible().every((i) => simrun.datagram(i).key === 'c1/1')"
step "type [data-testid=filter] nobody"
see "a name that nobody has shows nothing" "count('count-datagrams') === 0"
step "type [data-testid=filter] c*"
see "a pattern shows all that fit" "count('count-datagrams') === $(($(json metrics/sent) + $(json metrics/duplicated)))"
step "do const select = document.querySelector('[data-testid=filter-outcome]'); select.value = 'failed'; select.dispatchEvent(new Event('change'))"
see "nothing failed" "count('count-datagrams') === 0"
step "do const select = document.querySelector('[data-testid=filter-outcome]'); select.value = ''; select.dispatchEvent(new Event('change'))"
see "and without the filter all is back" "count('count-lost') === $(json metrics/lost)"

leave loss10

# A click on what was lost.
lost='simrun.visible().find((i) => simrun.datagram(i).fate === "lost" && simrun.datagram(i).key === simrun.state().selected.key)'
visit loss10 all
step "do document.querySelector('[data-testid=diagram]').scrollIntoView({ block: 'center' })"
step "do window.lost = $lost"
step "press simrun.pointOf(window.lost)"
see "a click chooses the datagram" \
    'simrun.state().selected.kind === "datagram" && simrun.state().selected.index === window.lost'
see "its story says why it was lost" '/lost by chance/.test(text("story"))'
see "and what is on the wire" 'text("story").includes(simrun.datagram(window.lost).id)'
step "click [data-testid=request-row]"
see "a click on a request tells its story" 'simrun.state().selected.kind === "request" && text("story").includes(simrun.state().selected.key)'

# Paper.
step "do window.before = document.querySelectorAll('details[open]').length; window.dispatchEvent(new Event('beforeprint'))"
see "on paper the diagram has a size of its own, and more pixels" \
    'document.querySelector("[data-testid=diagram]").width > 2000 && simrun.state().theme === "light"'
see "short tables are unfolded, and long ones are not" \
    "[...document.querySelectorAll('.plot details')].every((details) => details.open === (details.querySelectorAll('tbody tr').length <= 24))"
step "do window.dispatchEvent(new Event('afterprint'))"
see "afterwards all is as it was" \
    'document.querySelectorAll("details[open]").length === window.before && document.querySelector("[data-testid=diagram]").width < 1300'

# What a filter leaves in view. c2/7 begins long after what is in view.
filter='const filter = document.querySelector("[data-testid=filter]"); filter.value'
step "do window.view = JSON.stringify(simrun.state().view)"
step "do $filter = 'nobody'; filter.dispatchEvent(new Event('input'))"
see "a filter that nothing passes leaves the view" \
    'simrun.visible().length === 0 && JSON.stringify(simrun.state().view) === window.view'
step "do $filter = ''; filter.dispatchEvent(new Event('input'))"
see "and so does going back" 'simrun.visible().length > 0 && JSON.stringify(simrun.state().view) === window.view'
step "do $filter = 'c2/7'; filter.dispatchEvent(new Event('input'))"
see "the only request that passes is brought into view and told" \
    'text("story").includes("The story of c2/7") && simrun.visible().every((i) => simrun.datagram(i).sent >= simrun.state().view.from && simrun.datagram(i).end <= simrun.state().view.to)'
step "do $filter = ''; filter.dispatchEvent(new Event('input'))"

# From loss to loss, in the order of sending, there and back.
step "do window.losses = simrun.visible().filter((i) => simrun.datagram(i).fate === 'lost'); window.all = (key) => { const seen = []; for (let n = 0; n < 40; n++) { document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); seen.push(simrun.state().selected.index); } return seen; }"
step "do document.getElementById('home').click(); window.there = window.all('n'); window.back = window.all('p')"
see "the next loss is the next, and none is left out" \
    'window.losses.length > 100 && window.there.every((i, at) => i === window.losses[at])'
see "and the one before it leads back" \
    'window.back.slice(0, 39).every((i, at) => i === window.losses[38 - at])'
step "do $filter = 'c1/1'; filter.dispatchEvent(new Event('input')); document.getElementById('next-loss').click()"
see "at rest the first in view is the next" \
    'simrun.state().selected.kind === "datagram" && simrun.datagram(simrun.state().selected.index).fate === "lost"'
step "do $filter = ''; filter.dispatchEvent(new Event('input'))"

# Words on the canvas: what is drawn from now on.
step "do window.drawn = []; const write = CanvasRenderingContext2D.prototype.fillText; CanvasRenderingContext2D.prototype.fillText = function (text, ...at) { window.drawn.push(text); return write.call(this, text, ...at); }"
step "do $filter = 'c1/1'; filter.dispatchEvent(new Event('input'))"
see "a request is chosen" 'text("story").includes("The story of c1/1")'
step "do $filter = ''; filter.dispatchEvent(new Event('input')); filter.blur()"
see "the second execution is called that" 'window.drawn.includes("executed again (2)")'
step "do for (let i = 0; i < 4; i++) document.getElementById('zoom-in').click(); window.drawn = []"
step "do for (let i = 0; i < 40 && simrun.state().view.to < 7e7; i++) document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '.', bubbles: true }))"
see "even where the first is out of view" \
    'simrun.state().view.from > 4e7 && window.drawn.includes("executed again (2)") && !window.drawn.includes("executed")'

# What the policy forbids.
leave loss10
step "do document.addEventListener('securitypolicyviolation', (event) => { window.forbidden = event.effectiveDirective; }); fetch('http://127.0.0.1:9/').catch(() => 0)"
see "the policy forbids to fetch anything" 'window.forbidden === "connect-src"'
step "do const script = document.createElement('script'); script.textContent = 'window.injected = true'; document.body.append(script)"
see "and to run anything" \
    'window.forbidden.startsWith("script-src") && window.injected === undefined'

# ---- crashes ------------------------------------------------------------------------------------

step "screen 1920 1080 dark"
make crash "$root/scenarios/crash_restart.txt"
visit crash all
step "type [data-testid=filter] alice/2"
see "the second request is tried three times" \
    "simrun.visible().filter((i) => simrun.datagram(i).kind === 'request' && simrun.datagram(i).from !== 0).length === 3"
step "do window.deaf = simrun.visible().find((i) => simrun.datagram(i).reason === 'deaf'); simrun.select(window.deaf)"
see "one try finds nobody who listens" '/nobody listens/.test(text("story"))'
leave crash

# ---- nothing takes time, and one of each --------------------------------------------------------

write instant <<'EOF'
title "at once"
clients 1
  send 1 toupper "\\x00 is four letters, and this an octet: \x00"
at 0ms note "This note is by far too long for the diagram, so that it is cut, and the first words of it are what is left to be read; nobody needs more, since the line below the diagram has all of them"
EOF
make instant instant.txt
visit instant all
see "numbers along an axis differ" \
    '[...document.querySelectorAll("svg.chart")].every((chart) => { const texts = [...chart.querySelectorAll("text.chart-middle")].map((text) => text.textContent); return new Set(texts).size === texts.length; })'
see "what takes no time has no course" '/All happens at one instant/.test(document.querySelector("#plots").textContent)'
see "one of each is told in the singular" \
    '/1request1answered0failed1try1execution0of 4 datagrams lost/.test(document.querySelector("#figures").textContent)'
see "a backslash is no octet in hexadecimal" 'text("story").includes(String.raw`\\x00 is four letters, and this an octet: \x00`)'
step "do window.drawn = []; const write = CanvasRenderingContext2D.prototype.fillText; CanvasRenderingContext2D.prototype.fillText = function (text, ...at) { window.drawn.push(text); return write.call(this, text, ...at); }"
step "click [data-testid=theme]"
see "a long note is told by its first words" 'window.drawn.some((text) => /^This note is by far .*…$/.test(text))'
leave instant

# ---- copies, and the time limit -----------------------------------------------------------------

write limit <<'EOF'
time-limit 100ms
network loss 50% duplicate 100% delay 20ms
clients 1 timeout 60ms tries 1
  send 3 toupper "hello"
EOF
make limit limit.txt
visit limit all
carried=$(($(json metrics/sent) + $(json metrics/duplicated)))
see "lost is lost of copies, too" \
    "document.querySelector('#figures').textContent.includes('$(json metrics/lost)of $carried datagrams lost')"
see "on each link" \
    '[...document.querySelectorAll("#plots figure")].filter((plot) => /each link lost/.test(plot.textContent)).every((plot) => [...plot.querySelectorAll("tbody tr")].every((row) => Number(row.cells[2].textContent) <= Number(row.cells[1].textContent)))'
see "how it ended" '/; the time limit was reached$/.test(document.querySelector("#verdict").textContent)'
step "type [data-testid=filter] c1/3"
step "click [data-testid=request-row]"
see "a request that never began has sent nothing that is elsewhere" \
    '/c1 never began c1\/3: the run was over\./.test(text("story")) && !/--why/.test(text("story"))'
leave limit

# ---- hostile payloads ---------------------------------------------------------------------------

write hostile <<'EOF'
title "</title></script><script>window.injected = 1</script><img src=x onerror='window.injected=1'>"
seed 3
network loss 20% delay 2ms duplicate 10%
clients 2 timeout 60ms tries 3
  send 5 echo "</script><script>window.injected = 1</script><!-- "
  send 5 echo "<img src=x onerror=window.injected=1>\x00\x07\x1b[31m\x7f\xff"
  send 5 echo "\xe2\x80\xae txt.exe \xe2\x80\xa8 {client} ]]> & &lt; \\ \""
  send 5 echo random 1b..600b
  raw "<script>window.injected = 1</script>\x00"
at 5ms note "<b onclick='window.injected=1'>\xe2\x80\xae</b></script>"
expect "<svg onload=window.injected=1>" answered >= 1
EOF
make hostile hostile.txt
visit hostile all
see "what would turn the writing round is not written" \
    '!/[\u202a-\u202e\u2066-\u2069\u2028]/.test(document.body.innerText)'
see "no payload has become an element" \
    'document.querySelectorAll("main img, main b[onclick], main svg[onload]").length === 0'
step "do for (const i of simrun.visible().filter((_, place) => place % 5 === 0)) simrun.select(i)"
see "not even when they are looked at" \
    'document.querySelectorAll("main img, main b[onclick], main svg[onload]").length === 0'
leave hostile

# ---- a long run ---------------------------------------------------------------------------------

write long <<'EOF'
seed 4
network loss 3% delay 2ms
clients 10  timeout 60ms tries 3
  send 600 toupper "hello"
EOF
make long long.txt
visit long sampled
see "a long run says that it shows a sample" \
    '/sampl|of/.test(text("banner")) && document.querySelector("[data-testid=banner]").offsetHeight > 0'
see "of at most 10,000 datagrams" \
    "count('count-datagrams') > 9900 && count('count-datagrams') <= 10000"
step "do const select = document.querySelector('[data-testid=filter-outcome]'); select.value = 'failed'; select.dispatchEvent(new Event('change'))"
see "with every request that failed" \
    "new Set(simrun.visible().map((i) => simrun.datagram(i).key)).size === $(json metrics/failed)"
leave long

write failing <<'EOF'
seed 4
network loss 100% delay 2ms
clients 10  timeout 60ms tries 3
  send 400 toupper "hello"
EOF
make failing failing.txt
visit failing sampled
see "where too many fail, the table has them all" \
    "/ of 4,000\$/.test(document.querySelector('#requests .page-status').textContent) && $(json metrics/failed) === 4000"
see "and the page says so" '/of the 4,000 that failed; the table of requests has all/.test(text("banner"))'
step "do window.undrawn = [...Array(4000).keys()].map((n) => 'c1/' + (n + 1)).find((key) => !simrun.visible().some((i) => simrun.datagram(i).key === key)); const filter = document.querySelector('[data-testid=filter]'); filter.value = window.undrawn; filter.dispatchEvent(new Event('input'))"
step "click [data-testid=request-row]"
see "the story of one that is not drawn says where it is told" \
    'text("story").includes("--why " + window.undrawn) && text("story").includes("nobody answered in time")'
leave failing

# ---- damage -------------------------------------------------------------------------------------

write damaged <<'EOF'
network corrupt 100%
clients 1  timeout 60ms tries 1
  send 1 toupper "hello"
EOF
make damaged damaged.txt
bit=$(grep -om1 '"bit":[0-9]*' "$scratch/events")
bit=${bit#*:}
visit damaged all
step "do simrun.select(0)"
see "a flipped bit is named by its place in the dump" \
    "text('story').includes('bit $((bit % 8)) of the octet at $(printf %04x $((bit / 8))) flipped')"
step "do window.octets = [...document.querySelector('.hex').textContent.matchAll(/^[0-9a-f]{4}  ((?:[0-9a-f]{2} ?)+)/gm)].flatMap((line) => line[1].trim().split(' ').map((octet) => parseInt(octet, 16)))"
see "the octets are those that went on, with that bit flipped and no other" \
    "window.octets.length === simrun.datagram(0).size && window.octets.every((octet, i) => octet === (simrun.datagram(0).text.charCodeAt(i) ^ (i === $((bit / 8)) ? $((1 << bit % 8)) : 0)))"
leave damaged

# ---- the browser --------------------------------------------------------------------------------

mkdir -p "$scratch/home"
start driver env HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home" \
    bash -c 'exec chromedriver --port=0 >&2'
driver=$pid
if await driver 'started successfully on port'; then
    port=${line##*port }
    timeout -k 40 240 "$peers/simrun_browser" "${port%.}" "$chromium" "$scratch/profile" \
        <"$steps" >"$scratch/seen" 2>"$scratch/browser.err"
    status=$?
    while read -r word sentence; do
        if [ "$word" = pass ]; then
            pass "$sentence"
        else
            fail "$sentence"
        fi
    done <"$scratch/seen"
    expect "the browser did every step: $(cat "$scratch/browser.err")" "$status" -le 1
    expect "and was asked about each" "$(grep -cE '^(pass|FAIL)' "$scratch/seen")" -ge \
        "$(grep -cE '^(see|quiet|alone)' "$steps")"
else
    fail "chromedriver starts" "$(cat "$scratch/driver.err")"
fi
stop "$driver"
finish cli/simrun_page
