namespace Autom8.Contacts;

/// <summary>One page of contacts in the order of their ids.</summary>
/// <param name="Items">The contacts; a page may hold fewer than were asked for although another follows.</param>
/// <param name="NextCursor">Where the next page begins, or null after the last one.</param>
public sealed record ContactPage(IReadOnlyList<Contact> Items, string? NextCursor);
