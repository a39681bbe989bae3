"""How inventory reaches the world outside.

level_items, hold_items, run_items  items of the table as the domain's values, and back
dynamo_stock                        levels and holds
dynamo_ledger                       what every change adds up to
dynamo_products                     all products, and what was decided for each
dynamo_packs                        packs of rows with the levels that they count
dynamo_runs                         import runs; conditional is how they are written
s3_files, sqs_packs, lambda_reader  files, reports and links; the queue of packs; the next reader
"""
