using System.Diagnostics.CodeAnalysis;

namespace Autom8.Contacts.Normalization;

/// <summary>Brings phone numbers into one form, so that the same number is found however it was written.</summary>
/// <remarks>Implementations are thread-safe and never throw for what a person may have typed.</remarks>
public interface IPhoneNormalizer
{
    /// <summary>Normalises a number, or says why it is none.</summary>
    /// <param name="text">As written: international with a plus sign, national in the default region, or a <c>tel:</c> URI.</param>
    /// <param name="number">The number, when the result is <see langword="true"/>.</param>
    /// <param name="refusal">The reason, when the result is <see langword="false"/>.</param>
    /// <returns>Whether it is a possible number.</returns>
    bool TryNormalize(string text, [NotNullWhen(true)] out PhoneNumber? number, [NotNullWhen(false)] out Refusal? refusal);
}
