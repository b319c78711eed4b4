from django.db import migrations

import oms.core.legal_moves


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0018_what_is_awaited_is_promised_anew"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="parcel",
            name="orders_parcel_legal_moves",
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=oms.core.legal_moves.LegalMoves(
                field="state",
                moves={
                    "cancelled": [],
                    "delivered": ["returned_to_sender"],
                    "exception": ["delivered", "in_transit", "lost", "returned_to_sender"],
                    "handed_over": ["delivered", "exception", "in_transit", "lost", "returned_to_sender"],
                    "in_transit": ["delivered", "exception", "lost", "returned_to_sender"],
                    "label_pending": ["cancelled", "labelled"],
                    "labelled": ["cancelled", "handed_over"],
                    "lost": ["delivered", "returned_to_sender"],
                    "returned_to_sender": ["delivered"],
                },
                name="orders_parcel_legal_moves",
            ),
        ),
    ]
