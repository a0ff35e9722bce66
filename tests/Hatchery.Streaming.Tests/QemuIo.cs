using Hatchery.Testing;

namespace Hatchery.Streaming.Tests;

/// <summary>A dialogue of writes, flushes, discards and zeroes whose patterns qemu-io checks itself.</summary>
internal static class QemuIo
{
    private static readonly string[] s_commands =
    [
        "write -P 0x11 0 1M",
        "write -P 0x22 512 512",
        "flush",
        "read -P 0x11 0 512",
        "read -P 0x22 512 512",
        "read -P 0x11 1024 64k",
        "write -f -P 0x33 2M 64k",
        "read -P 0x33 2M 64k",
        "write -z 2M 32k",
        "read -P 0 2M 32k",
        "read -P 0x33 2080k 32k",
        "discard 0 512k",
        "read -P 0x11 512k 512k",
        "aio_write -P 0x44 4M 2M",
        "aio_write -P 0x55 8M 3M",
        "aio_read 0 1M",
        "aio_flush",
        "read -P 0x44 4M 2M",
        "read -P 0x55 8M 3M",
        "write -P 0x66 16M 12M",
        "read -P 0x66 16M 12M",
    ];

    public static Task<ToolResult> RunAsync(string uri) =>
        Tool.RunAsync("qemu-io", ["-f", "raw", "-d", "unmap", .. s_commands.SelectMany(c => new[] { "-c", c }), uri]);
}
