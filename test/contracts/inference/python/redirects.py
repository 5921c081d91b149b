"""One request by one client of Python's, with its own retries: redirects.py CLIENT json|sse URL KEY.

Prints the status and the text of what it made of it, or what it says that went wrong.
"""

import json
import sys

client, form, url, key = sys.argv[1:]
MODEL = "text-prime"
MESSAGES = [{"role": "user", "content": "Say hello to everybody here."}]
MODE = {"x-grid-delivery": "redirect"}
HEADERS = {**MODE, "authorization": f"Bearer {key}", "x-api-key": key, "content-type": "application/json"}
BODY = json.dumps({"model": MODEL, "messages": MESSAGES, "stream": form == "sse"}).encode()
PATH = f"{url}/v1/chat/completions"


def openai_package():
    import openai

    asked = {"model": MODEL, "messages": MESSAGES}
    api = openai.OpenAI(api_key=key, base_url=f"{url}/v1", default_headers=MODE)
    if form == "json":
        return 200, api.chat.completions.create(**asked).choices[0].message.content
    chunks = api.chat.completions.create(**asked, stream=True)
    return 200, "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def anthropic_package():
    import anthropic

    asked = {"model": MODEL, "max_tokens": 100, "messages": MESSAGES}
    api = anthropic.Anthropic(api_key=key, base_url=url, default_headers=MODE)
    if form == "json":
        return 200, api.messages.create(**asked).content[0].text
    with api.messages.stream(**asked) as stream:
        return 200, "".join(stream.text_stream)


def requests_package(body):
    import requests

    answer = requests.post(PATH, data=body, headers=HEADERS)
    return answer.status_code, answer.text


def httpx_package(follow_redirects):
    import httpx

    answer = httpx.post(PATH, content=BODY, headers=HEADERS, follow_redirects=follow_redirects)
    return answer.status_code, answer.text


def urllib_package():
    import urllib.request

    with urllib.request.urlopen(urllib.request.Request(PATH, data=BODY, headers=HEADERS)) as answer:
        return answer.status, answer.read().decode()


clients = {
    "openai": openai_package,
    "anthropic": anthropic_package,
    "requests": lambda: requests_package(BODY),
    "requests-generator": lambda: requests_package(part for part in [BODY]),
    "httpx": lambda: httpx_package(False),
    "httpx-following": lambda: httpx_package(True),
    "urllib": urllib_package,
}

try:
    status, text = clients[client]()
    print(json.dumps({"status": status, "text": text, "error": None}))
except Exception as error:
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    print(json.dumps({"status": status if isinstance(status, int) else 0, "text": "", "error": repr(error)}))
