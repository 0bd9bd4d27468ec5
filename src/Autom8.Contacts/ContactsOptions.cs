namespace Autom8.Contacts;

/// <summary>Settings of the contact book, bound from <c>Autom8:Contacts</c> and checked at start.</summary>
public sealed class ContactsOptions
{
    /// <summary>The region whose numbering plan phone numbers without a country code follow: two capital letters of ISO 3166-1, such as <c>US</c>, the
    /// default. To change it later changes how new numbers are read, not those already stored.</summary>
    public string DefaultRegion { get; set; } = "US";

    /// <summary>How many contacts a page holds when the caller does not say: 1 to <see cref="MaxPageSize"/>. Default 50.</summary>
    public int DefaultPageSize { get; set; } = 50;

    /// <summary>How many contacts a page may hold at most: 1 to 1 000. Default 200.</summary>
    public int MaxPageSize { get; set; } = 200;

    /// <summary>How long a stored row (still encrypted) may be answered from the cache: up to a day. Zero turns the cache off. Default 5 minutes. A change made through
    /// this process takes the row out of the cache before it returns. With Autom8.Caching it bounds, too, how long other nodes may read an older row after a change by a node that was cut off from the shared tier.</summary>
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long this process may answer from its own memory: at most <see cref="CacheDuration"/>, which null, the default, stands for. Where several nodes share
    /// one database but no tier that tells them of changes (Redis under Autom8.Caching does), it bounds how long one of them may still see what another has changed:
    /// a composed service on PostgreSQL without Redis sets it to 2 seconds.</summary>
    public TimeSpan? LocalCacheDuration { get; set; }
}
