namespace Autom8.Contacts.Normalization;

/// <summary>Why a text is not what it should be, for programs and for people; never holds the text.</summary>
/// <param name="Code">A stable code, such as <c>phone-too-short</c>.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
public sealed record Refusal(string Code, string Reason);
