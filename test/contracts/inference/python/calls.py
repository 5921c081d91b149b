"""The main calls of the openai and anthropic packages, in one delivery mode: calls.py URL KEY MODE.

Prints a line of JSON for each: its name, the tokens that each answer said it took, and what went wrong.
"""

import json
import sys
import traceback

import anthropic
import openai
from pydantic import BaseModel

url, key, mode = sys.argv[1:]
headers = {"x-grid-delivery": mode}
oai = openai.OpenAI(api_key=key, base_url=f"{url}/v1", default_headers=headers, max_retries=0)
ant = anthropic.Anthropic(api_key=key, base_url=url, default_headers=headers, max_retries=0)

MODEL = "text-prime"
HELLO = "Say hello to everybody here."
USE_THE_TOOL = "Please use the tool."
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
CHAT_TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
TOOL = {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}
MESSAGES_TOOL = {"name": "get_weather", "input_schema": SCHEMA}
WEATHER = "Mild, with some sun."


class Person(BaseModel):
    name: str
    age: int


def user(text):
    return {"role": "user", "content": text}


def of_chat(usage):
    return usage.prompt_tokens + usage.completion_tokens


def of(answer):
    usage = answer.usage
    cached = (getattr(usage, "cache_read_input_tokens", 0) or 0) + (getattr(usage, "cache_creation_input_tokens", 0) or 0)
    return usage.input_tokens + cached + usage.output_tokens


def chat():
    answer = oai.chat.completions.create(model=MODEL, messages=[user(HELLO)])
    assert answer.choices[0].message.content
    return [of_chat(answer.usage)]


def chat_streamed():
    text, usage = "", None
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    for chunk in oai.chat.completions.create(model=MODEL, messages=[user(HELLO)], **asked):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        usage = chunk.usage
    assert text
    return [of_chat(usage)]


def chat_stream_helper():
    asked = {"stream_options": {"include_usage": True}}
    with oai.chat.completions.stream(model=MODEL, messages=[user(HELLO)], **asked) as stream:
        kinds = {event.type for event in stream}
        answer = stream.get_final_completion()
    assert "content.delta" in kinds and answer.choices[0].message.content
    return [of_chat(answer.usage)]


def chat_tools():
    messages = [user(USE_THE_TOOL)]
    first = oai.chat.completions.create(model=MODEL, messages=messages, tools=[CHAT_TOOL])
    message = first.choices[0].message
    call = message.tool_calls[0]
    assert "city" in json.loads(call.function.arguments)
    messages += [message, {"role": "tool", "tool_call_id": call.id, "content": WEATHER}]
    second = oai.chat.completions.create(model=MODEL, messages=messages, tools=[CHAT_TOOL])
    assert second.choices[0].message.content
    return [of_chat(first.usage), of_chat(second.usage)]


def chat_parse():
    answer = oai.chat.completions.parse(model=MODEL, messages=[user(HELLO)], response_format=Person)
    assert isinstance(answer.choices[0].message.parsed, Person)
    return [of_chat(answer.usage)]


def responses():
    answer = oai.responses.create(model=MODEL, input=HELLO)
    assert answer.output_text
    return [of(answer)]


def responses_stream_helper():
    with oai.responses.stream(model=MODEL, input=HELLO) as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_response()
    assert kinds[0] == "response.created" and answer.output_text
    return [of(answer)]


def responses_tools():
    items = [user(USE_THE_TOOL)]
    first = oai.responses.create(model=MODEL, input=items, tools=[TOOL], store=False)
    call = next(item for item in first.output if item.type == "function_call")
    items += first.output
    items.append({"type": "function_call_output", "call_id": call.call_id, "output": WEATHER})
    second = oai.responses.create(model=MODEL, input=items, tools=[TOOL], store=False)
    assert second.output_text
    return [of(first), of(second)]


def responses_parse():
    answer = oai.responses.parse(model=MODEL, input=HELLO, text_format=Person)
    assert isinstance(answer.output_parsed, Person)
    return [of(answer)]


def responses_kept():
    first = oai.responses.create(model=MODEL, input=HELLO, store=True)
    second = oai.responses.create(model=MODEL, input="And again?", previous_response_id=first.id, store=True)
    assert oai.responses.retrieve(second.id).output_text == second.output_text
    oai.responses.delete(first.id)
    try:
        oai.responses.retrieve(first.id)
    except openai.NotFoundError:
        return [of(first), of(second)]
    raise AssertionError("it is kept still")


def models():
    assert MODEL in [model.id for model in oai.models.list()]
    assert MODEL in [model.id for model in ant.models.list(limit=5)]
    return []


def messages():
    answer = ant.messages.create(model=MODEL, max_tokens=500, messages=[user(HELLO)])
    assert answer.content[0].text
    return [of(answer)]


def messages_stream_helper():
    with ant.messages.stream(model=MODEL, max_tokens=500, messages=[user(HELLO)]) as stream:
        text = "".join(stream.text_stream)
        answer = stream.get_final_message()
    assert text == answer.content[0].text
    return [of(answer)]


def messages_tools():
    turns = [user(USE_THE_TOOL)]
    first = ant.messages.create(model=MODEL, max_tokens=500, messages=turns, tools=[MESSAGES_TOOL])
    call = next(block for block in first.content if block.type == "tool_use")
    turns.append({"role": "assistant", "content": first.content})
    turns.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": WEATHER}]})
    second = ant.messages.create(model=MODEL, max_tokens=500, messages=turns, tools=[MESSAGES_TOOL])
    assert second.content[0].text
    return [of(first), of(second)]


def count_tokens():
    assert ant.messages.count_tokens(model=MODEL, messages=[user(HELLO)]).input_tokens > 0
    return []


for call in [
    chat, chat_streamed, chat_stream_helper, chat_tools, chat_parse, responses, responses_stream_helper, responses_tools,
    responses_parse, responses_kept, models, messages, messages_stream_helper, messages_tools, count_tokens,
]:
    try:
        said = {"tokens": call(), "fault": None}
    except Exception:
        said = {"tokens": [], "fault": traceback.format_exc(limit=-3)}
    print(json.dumps({"name": call.__name__, **said}), flush=True)
