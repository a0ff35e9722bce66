using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class LogoutRequestTests(ITestOutputHelper output) : FixedWireFacts<LogoutRequest>(output)
{
    protected override LogoutRequest Example => new(true, LogoutReason.CloseConnection, 0xaabbccdd, 7, 0xb1, 0xb2);

    protected override string ExampleHex =>
        "46 81 0000 00 000000 0000000000000000 aabbccdd 0007 0000 000000b1 000000b2 00000000000000000000000000000000";
}
