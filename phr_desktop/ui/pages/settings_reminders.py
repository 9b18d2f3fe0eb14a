"""How the person shown is reminded, whether it is heard on this computer, and what reminders may do while locked."""

from __future__ import annotations

from phr_desktop.actions.reminders import choose
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.queries.reminders import choices
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.hearing import heard_words
from phr_desktop.ui.pages.settings_holidays import HolidaysCard
from phr_desktop.ui.pages.settings_own_reminders import OwnRemindersCard
from phr_desktop.ui.pages.settings_reminder_choices import ReminderChoicesCards
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.widgets import Card, CheckBox, OutlineButton, Row, Text
from phr_desktop.ui.widgets.flow_layout import in_line


class RemindersSection(SettingsSection):
    """They say nothing private without a choice of the person."""

    topics = frozenset({Topic.REMINDERS, Topic.PEOPLE, Topic.RECORDS})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._settings = context.services.settings
        self._autostart = context.services.autostart
        self.choices = self.add(ReminderChoicesCards(self._choose))
        self.own = self.add(OwnRemindersCard(context))
        self._build_test(self.add(Card(self.tr("Will I hear it?"))))
        self.holidays = self.add(HolidaysCard(context, self.tr("Holidays")))
        self._build_limits(self.add(Card(self.tr("What reminders need"))))
        self._build_before_unlock(self.add(Card(self.tr("After the program starts, before the first unlock"))))
        self._show(ReminderChoices())

    def refresh(self) -> None:
        self.heard.setText(heard_words(self._settings.heard))
        self.at_login.setChecked(self._autostart.is_on())
        services, person = self.context.services, self.context.person
        if person is None:
            return
        self.holidays.refresh()
        self.own.refresh()
        vault, clock = services.vault, services.clock

        def take(chosen: ReminderChoices) -> None:
            if self.context.person is not None and self.context.person.id == person.id:
                self._show(chosen)

        self.context.bridge.run_query(lambda: choices(vault, clock, person.id), take, owner=self)

    def clear(self) -> None:
        self.own.show_lines((), ())
        self._show(ReminderChoices())

    # --- built once

    def _build_test(self, card: Card) -> None:
        self.heard = card.add(Text("", wrap=True))
        self.try_button = OutlineButton(self.tr("Try each way"), lambda: self.context.navigate("hearing"))
        card.add(in_line(self.try_button))
        self.at_login = card.add(CheckBox(self.tr("Start PHR Desktop when I sign in to this computer")))
        self.at_login.clicked.connect(self._start_at_login)

    def _build_limits(self, card: Card) -> None:
        rows = (
            (self.tr("This computer on, and the program running"),
             self.tr("A computer that is off or asleep reminds of nothing. What fell due is shown when it is back.")),
            (self.tr("You at this computer"),
             self.tr("Nobody else is told: no family member is alerted, and no phone rings.")),
            (self.tr("The clinic's own notices too"),
             self.tr("Reminders take the place of nothing that your clinic or pharmacy sends you.")),
            (self.tr("While the record is locked"),
             self.tr("A notification says only that a reminder is due. Unlock to see which, for up to 14 days.")),
        )  # fmt: skip
        for main, detail in rows:
            card.add_row(Row(main, detail, wrap=True))

    def _build_before_unlock(self, start: Card) -> None:
        self.before_unlock = start.add(CheckBox(self.tr("Remind me then too")))
        self.before_unlock.setChecked(self._settings.remind_before_unlock)
        self.before_unlock.clicked.connect(self._apply)
        start.add(
            Text(
                self.tr(
                    "For that the times of your next reminders, which of them are alarms, and your quiet hours are"
                    " kept outside the encrypted record, and nothing else. Whoever can read this computer's files can"
                    " see when you are reminded, not of what. Without it, what fell due is shown after you unlock."
                ),
                "small",
                "muted",
                wrap=True,
            )
        )

    # --- shown anew

    def _show(self, chosen: ReminderChoices) -> None:
        person = self.context.person
        self.choices.show_choices(chosen, person.name if person is not None else "")

    # --- verbs

    def _choose(self, chosen: ReminderChoices) -> None:
        person, services = self.context.person, self.context.services
        if person is not None:
            vault, clock = services.vault, services.clock
            self.context.bridge.run_action(lambda: choose(vault, clock, person.id, chosen), owner=self)

    def _start_at_login(self) -> None:
        on = self.at_login.isChecked()
        self.context.bridge.run_query(
            lambda: self._autostart.turn(on=on), lambda _nothing: None, owner=self, key="login",
            failed=lambda _problem: self.at_login.setChecked(not on),
        )  # fmt: skip

    def _apply(self) -> None:
        self._settings.remind_before_unlock = self.before_unlock.isChecked()
        self.context.bridge.run_query(self._settings.save, lambda _nothing: None, owner=self, key="settings")
