using Microsoft.Win32.SafeHandles;

namespace Hatchery.Boot.Files;

/// <summary>An open file and what is known of it; whoever has it disposes it.</summary>
/// <param name="Name">As it was asked for, without leading slashes.</param>
public sealed record BootContent(string Name, SafeFileHandle Handle, long LengthBytes, DateTime LastWriteUtc)
    : IDisposable
{
    public void Dispose() => Handle.Dispose();
}
