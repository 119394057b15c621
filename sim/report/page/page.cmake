# Puts the page of --html together: cmake -DFROM=sim/report/page -DTO=DIRECTORY -P page.cmake
#
# Leaves in TO the page as two texts, before and after the run's data, and page_text.c with both in
# it. The modules become one classic script, since a page opened from a file may load no other; the
# policy allows this script and this style by their sums, and nothing else.

cmake_minimum_required(VERSION 3.16)

# Each module after those it imports from.
set(page_modules text.js axis.js marks.js charts.js data.js filter.js sentence.js player.js lanes.js
    address.js arrows.js backdrop.js happenings.js labels.js overview.js diagram.js controls.js
    story.js state.js plots.js legend.js summary.js tables.js drawing.js actions.js print.js
    main.js)

# page_base64(RESULT HEX): the digits of SHA-256 (64 of them, 4 bits each) as base64.
function(page_base64 result hex)
    set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    set(text "")
    foreach(at RANGE 0 60 3)
        string(SUBSTRING "${hex}" ${at} 3 digits)
        math(EXPR first "0x${digits} >> 6")
        math(EXPR second "0x${digits} & 63")
        string(SUBSTRING "${alphabet}" ${first} 1 first)
        string(SUBSTRING "${alphabet}" ${second} 1 second)
        string(APPEND text "${first}${second}")
    endforeach()
    string(SUBSTRING "${hex}" 63 1 digit)
    math(EXPR last "0x${digit} << 2")
    string(SUBSTRING "${alphabet}" ${last} 1 last)
    set(${result} "${text}${last}=" PARENT_SCOPE)
endfunction()

# page_refuse(FILE TEXT PATTERN WHY): ends the build if the text has such a place.
function(page_refuse file text pattern why)
    if(text MATCHES "${pattern}")
        message(FATAL_ERROR "${FROM}/${file}: ${why}: ${CMAKE_MATCH_0}")
    endif()
endfunction()

# page_sum(RESULT TEXT): how a policy names a text.
function(page_sum result text)
    string(SHA256 hex "${text}")
    page_base64(base64 "${hex}")
    set(${result} "'sha256-${base64}'" PARENT_SCOPE)
endfunction()

# ---- the script ------------------------------------------------------------------------------

set(script "\n(function () {\n'use strict';\n")
set(names "")
set(placed "")
foreach(module ${page_modules})
    file(READ ${FROM}/${module} text)
    set(text "\n${text}")
    page_refuse(${module} "${text}" "\nimport +[*][^\n]*" "names are imported one by one")
    page_refuse(${module} "${text}" "\nimport [^;]* as [^;]*" "an import keeps its name")
    string(REGEX MATCHALL "\nimport [^;]*;" imports "${text}")
    string(REGEX MATCHALL "'[^']*'" imports "${imports}")
    foreach(import ${imports})
        string(REGEX REPLACE "^'[.]/|'$" "" import "${import}")
        if(NOT import IN_LIST placed)
            message(FATAL_ERROR "${FROM}/page.cmake: ${import} belongs before ${module}")
        endif()
    endforeach()
    list(APPEND placed ${module})
    string(REGEX REPLACE "\nimport [^;]*;" "\n" text "${text}")
    string(REGEX REPLACE "\nexport (async function|function|const|let|class) " "\n\\1 "
           text "${text}")
    page_refuse(${module} "${text}" "\n(import|export)[^\n]*" "this stays in no classic script")
    page_refuse(${module} "${text}" "</[Ss][Cc][Rr][Ii][Pp][Tt]|<!--" "this would end the script")
    string(REGEX MATCHALL "\n(async function|function|const|let|class) +[A-Za-z_$][A-Za-z0-9_$]*"
           found "${text}")
    foreach(name ${found})
        string(REGEX REPLACE ".* " "" name "${name}")
        if(name IN_LIST names)
            message(FATAL_ERROR "${FROM}/${module}: another module has a ${name}")
        endif()
        list(APPEND names ${name})
    endforeach()
    string(APPEND script "${text}")
endforeach()
string(APPEND script "})();\n")

# ---- the page --------------------------------------------------------------------------------

file(READ ${FROM}/page.css style)
page_refuse(page.css "${style}" "</|<!--" "this would end the style")
set(style "\n${style}")
page_sum(style_sum "${style}")
page_sum(script_sum "${script}")
string(CONCAT policy "default-src 'none'; script-src ${script_sum}; style-src ${style_sum}; "
       "img-src data:; base-uri 'none'; form-action 'none'")

file(READ ${FROM}/page.html page)
foreach(mark policy style data script)
    string(REPLACE "<!-- ${mark} -->" "" without "${page}")
    string(LENGTH "${page}" size)
    string(LENGTH "${without}" size_without)
    string(LENGTH "<!-- ${mark} -->" size_mark)
    math(EXPR count "(${size} - ${size_without}) / ${size_mark}")
    if(NOT count EQUAL 1)
        message(FATAL_ERROR "${FROM}/page.html: <!-- ${mark} --> is there ${count} times, not once")
    endif()
endforeach()
string(REPLACE "<!-- policy -->"
       "<meta http-equiv=\"Content-Security-Policy\" content=\"${policy}\">" page "${page}")
string(REPLACE "<!-- style -->" "<style>${style}</style>" page "${page}")
string(FIND "${page}" "<!-- data -->" data)
string(SUBSTRING "${page}" 0 ${data} before)
string(SUBSTRING "${page}" ${data} -1 after)
string(REPLACE "<!-- data -->" "" after "${after}")
string(REPLACE "<!-- script -->" "<script>${script}</script>" after "${after}")

# ---- the source ------------------------------------------------------------------------------

set(source "/* Made of sim/report/page by its page.cmake. */\n#include \"report/page_text.h\"\n")
foreach(part before after)
    file(WRITE ${TO}/page_${part}.html "${${part}}")
    file(READ ${TO}/page_${part}.html hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," octets "${hex}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
           "\\1\n    " octets "${octets}")
    string(APPEND source "\nconst unsigned char page_text_${part}[] = {\n    ${octets}\n};\n"
           "const size_t page_text_${part}_size = sizeof page_text_${part};\n")
endforeach()
file(WRITE ${TO}/page_text.c "${source}")
