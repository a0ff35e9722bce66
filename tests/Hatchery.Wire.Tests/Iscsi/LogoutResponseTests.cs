using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class LogoutResponseTests(ITestOutputHelper output) : FixedWireFacts<LogoutResponse>(output)
{
    protected override LogoutResponse Example => new(1, 0xaabbccdd, new SequenceNumbers(0xa1, 0xa2, 0xa3), 2, 20);

    protected override string ExampleHex =>
        "26 80 01 00 00 000000 0000000000000000 aabbccdd 00000000 000000a1 000000a2 000000a3 00000000 0002 0014 00000000";
}
