"""Access: who acts, what they may do, where it holds, and which fields they see. Denied unless granted."""
