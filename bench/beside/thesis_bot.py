"""The notification part of the thesis' bot (Appendix 11): QoS 0, a subscription made once, each message sent to one chat as it comes."""
import os

import matplotlib.pyplot as plt  # noqa: F401 (it plots in the same process, and so begins with these)
import paho.mqtt.client as mqtt
import pandas as pd  # noqa: F401
import requests  # noqa: F401
from telegram.ext import Updater

CHAT = int(os.environ["CHAT_ID"])
updater = Updater(os.environ["TELEGRAM_TOKEN"], base_url=os.environ["TELEGRAM_URL"] + "/bot", use_context=False)


def on_message(client, obj, msg):
    print("Message: topic = " + msg.topic + " q = " + str(msg.qos) + " " + str(msg.payload))
    data = str(msg.payload)
    updater.dispatcher.bot.send_message(chat_id=CHAT, text=data[2:len(data) - 1])


client = mqtt.Client("pythonScriptClient")
client.connect(os.environ["MQTT_HOST"], int(os.environ["MQTT_PORT"]), 60)
client.subscribe(os.environ["TOPIC"], 0)
client.on_message = on_message
client.loop_start()
updater.start_polling()
updater.idle()
