#include "cmd/cmd.h"

int main(int argc, char **argv)
{
    return ll_cmd_main(argc, argv);
}
