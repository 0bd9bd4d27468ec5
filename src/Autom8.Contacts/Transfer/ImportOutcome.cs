namespace Autom8.Contacts.Transfer;

/// <summary>What became of one record of an imported file.</summary>
public enum ImportStatus
{
    /// <summary>The contact is durably stored. <see cref="ImportOutcome.Problems"/> name what was left out of it, if anything.</summary>
    Created,

    /// <summary>Nothing of the record was stored. <see cref="ImportOutcome.Problems"/> say why.</summary>
    Refused,
}

/// <summary>What became of one record of an imported file, told once it is certain.</summary>
/// <param name="Line">The line, counted from 1, on which the record began.</param>
/// <param name="Status">Whether it was stored.</param>
/// <param name="ContactId">The contact's id; null when refused.</param>
/// <param name="Problems">Why it was refused, or what was left out of a contact that was stored: a phone number or e-mail address that is none. They never
/// repeat a value. The field is empty where the record could not be read at all.</param>
public sealed record ImportOutcome(int Line, ImportStatus Status, Guid? ContactId, IReadOnlyList<ContactProblem> Problems);
