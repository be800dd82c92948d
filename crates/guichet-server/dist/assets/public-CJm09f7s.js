var e=`public-title = Cases in progress
public-received = Received today
public-completed = Completed today
public-caption = In progress
public-number = Number
public-note = Numbers say nothing of the case. With the number and the secret on your receipt you can see where your case stands:
status-lead = Enter the number and the secret on your receipt to see where your case stands.
status-secret = Secret
status-ask = Show
status-waits = Waits for
status-waits-for = { $who ->
    [applicant] you
   *[centre] the centre
  }
status-missing = Still missing
status-fees = Fees
status-fees-told = { $owed } due, { $paid } paid
`;export{e as default};