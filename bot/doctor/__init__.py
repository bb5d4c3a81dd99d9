"""Say what stands in the way of the bot, each finding one line with its remedy."""

from bot.doctor.report import run_doctor, start_check
from bot.doctor.start_errors import translate_start_error

__all__ = ["run_doctor", "start_check", "translate_start_error"]
