namespace Autom8.Contacts.Formats;

/// <summary>A phone number or an e-mail address as a file wrote it, with the label its owner gave it.</summary>
/// <param name="Value">The text as written, trimmed, without <c>tel:</c> or <c>mailto:</c>; not yet normalised, never empty.</param>
/// <param name="Label">
/// <c>home</c>, <c>work</c>, <c>mobile</c>, <c>fax</c>, <c>home fax</c>, <c>work fax</c>, <c>pager</c>, <c>main</c> or <c>other</c>, whatever the
/// format calls them; else the owner's own words; <see langword="null"/> when there is none.
/// </param>
/// <param name="IsPreferred">Whether the file marks it as the one to try first.</param>
public readonly record struct LabelledValue(string Value, string? Label = null, bool IsPreferred = false)
{
    /// <summary>Says what this is, not what it holds: personal values never reach a log by accident.</summary>
    public override string ToString() => nameof(LabelledValue);
}
