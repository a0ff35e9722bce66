namespace Hatchery.Boot.Tftp;

/// <summary>The TFTP service (HOCON <c>hatchery.boot.tftp</c>).</summary>
public sealed record TftpSettings
{
    /// <summary>Interfaces to listen on; the service binds nowhere else.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    public int Port { get; init; } = 69;

    /// <summary>Where the boot programs lie.</summary>
    public string Folder { get; init; } = Files.BootPrograms.DebianFolder;

    /// <summary>Transfers at once; a request beyond them is not answered, and its client asks again. <c>transfers-max</c>.</summary>
    public int MaxTransfers { get; init; } = 256;

    /// <summary>Of these, to one address. <c>transfers-per-address-max</c>.</summary>
    public int MaxPerAddress { get; init; } = 32;

    /// <summary>Largest window granted, in blocks.</summary>
    public int MaxWindowBlocks { get; init; } = 64;

    /// <summary>Largest block granted; more than fits one Ethernet frame would be fragmented, which some firmware cannot take.</summary>
    public int MaxBlockBytes { get; init; } = 65_464;

    /// <summary>Until a block is sent again, unless the client asks for another time.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such time that a client gets (RFC 2349): it asks for up to 255 s, and a place would be held for that long after it has gone.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    public int MaxTries { get; init; } = 6;
}
