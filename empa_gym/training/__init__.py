"""The torch reference: a policy that learns from dialogues, small enough to read in one sitting (extra ``torch``)."""
