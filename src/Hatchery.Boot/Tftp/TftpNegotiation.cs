using Hatchery.Wire.Tftp;

namespace Hatchery.Boot.Tftp;

/// <summary>What one transfer runs with.</summary>
/// <param name="Answer">The options to acknowledge; empty where the client sent none that we know (RFC 2347).</param>
internal sealed record TftpNegotiation(int BlockBytes, int WindowBlocks, TimeSpan RetryAfter, TftpOptions Answer)
{
    private const int UsualBlockBytes = 512;

    public static TftpNegotiation Of(TftpOptions asked, long fileBytes, TftpSettings settings)
    {
        int? block = asked.BlockSize is { } b ? Math.Min(b, settings.MaxBlockBytes) : null;
        int? window = asked.WindowSize is { } w ? Math.Min(w, settings.MaxWindowBlocks) : null;
        // A server that does not take the value leaves the option out of its answer (RFC 2349); it cannot change it.
        int? timeout = asked.TimeoutSeconds <= settings.MaxRetryAfter.TotalSeconds ? asked.TimeoutSeconds : null;
        return new(
            block ?? UsualBlockBytes,
            window ?? 1,
            timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : settings.RetryAfter,
            new TftpOptions(block, timeout, asked.TransferSize is null ? null : fileBytes, window)
        );
    }
}
